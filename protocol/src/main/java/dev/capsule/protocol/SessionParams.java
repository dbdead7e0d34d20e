package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;

/**
 * Names a session: to reset, close or fork it.
 *
 * @param sessionId from {@link OpenSessionResult}
 */
public record SessionParams(@SerializedName("session_id") String sessionId) {}
