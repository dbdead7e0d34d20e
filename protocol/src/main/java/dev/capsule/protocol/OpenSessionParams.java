package dev.capsule.protocol;

import com.google.gson.JsonElement;
import com.google.gson.annotations.SerializedName;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a sandbox that keeps its state from cell to cell.
 *
 * @param language of a guest, {@code "python"}
 * @param name for people; null: none
 * @param root as in {@link RunSnippetParams}
 * @param config as in {@link LoadProgramParams}
 * @param options what its cells may use, an object as in {@link RunTaskParams}
 * @param ceiling what none of them may exceed, an object
 * @param tools names of the tools that the client runs for it; null: none
 * @param env values of environment variables that it may be given; null: those of the sidecar's own
 *     environment
 * @param idleTimeout when it is closed if nothing is asked of it, a duration; null: as configured
 * @param id what it is journalled under: the state that an earlier one of that id left comes back,
 *     by its cells being run again; null: it is not
 */
public record OpenSessionParams(
    String language,
    @Nullable String name,
    @Nullable String root,
    @Nullable String config,
    @Nullable JsonElement options,
    @Nullable JsonElement ceiling,
    @Nullable List<String> tools,
    @Nullable Map<String, String> env,
    @SerializedName("idle_timeout") @Nullable JsonElement idleTimeout,
    @Nullable String id) {}
