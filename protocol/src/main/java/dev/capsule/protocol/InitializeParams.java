package dev.capsule.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first request of a connection.
 *
 * @param processId the client's process, with which the sidecar ends; null: only end of input ends
 *     it
 * @param languages those of the programs that the client means to run, which are prepared at once;
 *     null: all
 * @param trace what it wants of traces; null: nothing of its own
 */
public record InitializeParams(
    @Nullable Long processId,
    @Nullable ClientInfo clientInfo,
    @Nullable List<String> languages,
    @Nullable TraceOptions trace) {}
