package dev.capsule.repl.mcp;

import com.google.gson.JsonObject;
import org.jspecify.annotations.Nullable;

/** A request that cannot be carried out; told as an error of JSON-RPC. */
final class McpException extends Exception {
  private static final long serialVersionUID = 1;

  private final int code;
  private final transient @Nullable JsonObject data;

  McpException(int code, String message) {
    this(code, message, null);
  }

  McpException(int code, String message, @Nullable JsonObject data) {
    super(message);
    this.code = code;
    this.data = data;
  }

  int code() {
    return code;
  }

  @Nullable JsonObject data() {
    return data;
  }
}
