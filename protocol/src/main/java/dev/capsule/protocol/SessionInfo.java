package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;
import org.jspecify.annotations.Nullable;

/**
 * A session that is open.
 *
 * @param sessionId names it in requests
 * @param name for people; null: none
 * @param cells that were run in it since it was opened or reset
 * @param idleMs milliseconds since anything was asked of it; 0 while a cell runs
 * @param memoryBytes of its sandbox after its last cell
 */
public record SessionInfo(
    @SerializedName("session_id") String sessionId,
    @Nullable String name,
    String language,
    int cells,
    @SerializedName("idle_ms") long idleMs,
    @SerializedName("memory_bytes") long memoryBytes) {}
