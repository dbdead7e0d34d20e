package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;
import org.jspecify.annotations.Nullable;

/**
 * A session that was opened, or forked from another.
 *
 * @param sessionId names it in requests; only the client that opened it can
 * @param restored how many cells were run again; null: it is not journalled
 */
public record OpenSessionResult(
    @SerializedName("session_id") String sessionId, String language, @Nullable Long restored) {}
