package dev.capsule.protocol;

import com.google.gson.JsonElement;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks for code to be run once, in a sandbox of its own.
 *
 * @param language of a guest, {@code "python"}
 * @param code its source
 * @param file what it is called in errors; null: {@code "<snippet>"}
 * @param root absolute path of the folder where relative paths and the search for a configuration
 *     start; null: the sidecar's working directory
 * @param config as in {@link LoadProgramParams}
 * @param options what it may use, an object as in {@link RunTaskParams}; null: nothing beyond the
 *     defaults
 * @param ceiling what it may not exceed, an object; null: nothing beyond the configuration's own
 * @param tools names of the tools that the client runs for it; null: none
 * @param env values of environment variables that it may be given; null: those of the sidecar's own
 *     environment
 * @param run the run's id in notifications; null: a new one
 * @param events which notifications to send, as in {@link RunTaskParams}; null: output
 * @param traceparent the trace that it is a part of, as in {@link RunTaskParams}
 * @param tracestate what goes with it
 */
public record RunSnippetParams(
    String language,
    String code,
    @Nullable String file,
    @Nullable String root,
    @Nullable String config,
    @Nullable JsonElement options,
    @Nullable JsonElement ceiling,
    @Nullable List<String> tools,
    @Nullable Map<String, String> env,
    @Nullable String run,
    @Nullable List<String> events,
    @Nullable String traceparent,
    @Nullable String tracestate) {}
