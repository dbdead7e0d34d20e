package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;
import org.jspecify.annotations.Nullable;

/**
 * Names a file or a folder of a session's workspace.
 *
 * @param sessionId from {@link OpenSessionResult}
 * @param path in the workspace, with slashes; null: the workspace itself
 */
public record FileParams(@SerializedName("session_id") String sessionId, @Nullable String path) {}
