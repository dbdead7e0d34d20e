package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The first request of a connection.
 *
 * @param processId the client's process, with which the sidecar ends; null: only end of input ends
 *     it
 */
public record InitializeParams(@Nullable Long processId, @Nullable ClientInfo clientInfo) {}
