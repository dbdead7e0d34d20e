package dev.capsule.repl.mcp;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What we send, a message a line. Any thread may; a client that has gone is no error here. */
final class Outbox {
  private final OutputStream out;

  Outbox(OutputStream out) {
    this.out = out;
  }

  /** Answers a request. */
  void result(RawJson id, JsonElement result) {
    write("\"id\":" + id + ",\"result\":" + Json.gson().toJson(result));
  }

  /** Refuses a request; the id is JSON null where it could not be read. */
  void error(RawJson id, int code, String message, @Nullable JsonElement data) {
    JsonObject error = new JsonObject();
    error.addProperty("code", code);
    error.addProperty("message", message);
    if (data != null) {
      error.add("data", data);
    }
    write("\"id\":" + id + ",\"error\":" + Json.gson().toJson(error));
  }

  /** Tells something. */
  void notify(String method, JsonObject params) {
    write("\"method\":\"" + method + "\",\"params\":" + Json.gson().toJson(params));
  }

  private void write(String members) {
    // Gson escapes every line end inside of strings, so a message is one line.
    byte[] line = ("{\"jsonrpc\":\"2.0\"," + members + "}\n").getBytes(StandardCharsets.UTF_8);
    synchronized (out) {
      try {
        out.write(line);
        out.flush();
      } catch (IOException e) {
        // The end of its input is what tells that a client has gone.
      }
    }
  }
}
