package dev.capsule.repl.mcp;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What we send, as JSON-RPC. Any thread may; a client that has gone is no error here. */
final class Outbox {
  private final Wire wire;

  Outbox(Wire wire) {
    this.wire = wire;
  }

  /** Answers a request. */
  void result(RawJson id, JsonElement result) {
    wire.answer(message("\"id\":" + id + ",\"result\":" + Json.gson().toJson(result)), Wire.NONE);
  }

  /** Refuses a request; the id is JSON null where it could not be read. */
  void error(RawJson id, int code, String message, @Nullable JsonElement data) {
    JsonObject error = new JsonObject();
    error.addProperty("code", code);
    error.addProperty("message", message);
    if (data != null) {
      error.add("data", data);
    }
    wire.answer(message("\"id\":" + id + ",\"error\":" + Json.gson().toJson(error)), code);
  }

  /** A request was cancelled. */
  void leaveUnanswered() {
    wire.leaveUnanswered();
  }

  /** Tells something. */
  void notify(String method, JsonObject params) {
    wire.tell(message("\"method\":\"" + method + "\",\"params\":" + Json.gson().toJson(params)));
  }

  private static byte[] message(String members) {
    return ("{\"jsonrpc\":\"2.0\"," + members + "}").getBytes(StandardCharsets.UTF_8);
  }
}
