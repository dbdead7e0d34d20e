package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;

/**
 * What goes with the error for a session that is not there.
 *
 * @param sessionId as it was named
 */
public record UnknownSessionData(@SerializedName("session_id") String sessionId) {}
