package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;

/**
 * Writes a file to a session's workspace.
 *
 * @param sessionId from {@link OpenSessionResult}
 * @param path in the workspace, with slashes
 * @param content in base64
 */
public record PutFileParams(
    @SerializedName("session_id") String sessionId, String path, String content) {}
