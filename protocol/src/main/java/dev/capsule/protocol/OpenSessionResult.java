package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;

/**
 * A session that was opened, or forked from another.
 *
 * @param sessionId names it in requests; only the client that opened it can
 */
public record OpenSessionResult(@SerializedName("session_id") String sessionId, String language) {}
