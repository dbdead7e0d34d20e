package dev.capsule.repl.client;

import com.google.gson.JsonParseException;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import org.jspecify.annotations.Nullable;

/** The sidecar refused a request: a code of {@link dev.capsule.protocol.ErrorCode} and its data. */
public final class RpcException extends Exception {
  private static final long serialVersionUID = 1;

  private final int code;
  private final transient @Nullable RawJson data;

  public RpcException(int code, String message, @Nullable RawJson data) {
    super(message);
    this.code = code;
    this.data = data;
  }

  public int code() {
    return code;
  }

  /** What the error says in detail; null if nothing, or nothing of this kind. */
  public <T> @Nullable T data(Class<T> type) {
    try {
      return data == null ? null : Json.gson().fromJson(data.text(), type);
    } catch (JsonParseException e) {
      return null;
    }
  }
}
