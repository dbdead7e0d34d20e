package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;

/**
 * Asks about code that is being written in a session.
 *
 * @param sessionId from {@link OpenSessionResult}
 * @param code as far as it is written
 * @param cursor where in it, in Unicode code points from 0
 */
public record CodeParams(@SerializedName("session_id") String sessionId, String code, int cursor) {}
