package dev.capsule.repl.mcp;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What HTTP calls things, and how answers are written. */
final class Http {
  static final int OK = 200;
  static final int ACCEPTED = 202;
  static final int NO_CONTENT = 204;
  static final int BAD_REQUEST = 400;
  static final int UNAUTHORIZED = 401;
  static final int FORBIDDEN = 403;
  static final int NOT_FOUND = 404;
  static final int NOT_ALLOWED = 405;
  static final int NOT_ACCEPTABLE = 406;
  static final int LENGTH_REQUIRED = 411;
  static final int TOO_LARGE = 413;
  static final int UNSUPPORTED_TYPE = 415;
  static final int UNAVAILABLE = 503;

  private static final int NO_BODY = -1;
  private static final int UNKNOWN_LENGTH = 0;

  private Http() {}

  /** Why a request is not carried out. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;
    private final int code;
    private final transient RawJson id;

    Refused(int status, String message) {
      this(status, ErrorCode.INVALID_REQUEST, message, RawJson.NULL);
    }

    /**
     * @param id of the message that it is about
     */
    Refused(int status, int code, String message, RawJson id) {
      super(message, null, false, false);
      this.status = status;
      this.code = code;
      this.id = id;
    }

    int status() {
      return status;
    }
  }

  /** The only value of a header; null if it has none. */
  static @Nullable String header(HttpExchange exchange, String name) throws Refused {
    List<String> values = exchange.getRequestHeaders().get(name);
    if (values != null && values.size() > 1) {
      throw new Refused(BAD_REQUEST, "the header " + name + " stands there more than once");
    }
    return values == null ? null : values.getFirst();
  }

  static void send(HttpExchange exchange, int status, byte[] json) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    head(exchange, status, json.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(json);
    }
  }

  static void send(HttpExchange exchange, int status) throws IOException {
    head(exchange, status, NO_BODY);
  }

  static void send(HttpExchange exchange, Refused refusal) throws IOException {
    JsonObject error = new JsonObject();
    error.addProperty("code", refusal.code);
    error.addProperty("message", refusal.getMessage());
    JsonObject message = new JsonObject();
    message.addProperty("jsonrpc", "2.0");
    message.add("id", Json.gson().fromJson(refusal.id.text(), JsonElement.class));
    message.add("error", error);
    send(exchange, refusal.status, Json.gson().toJson(message).getBytes(StandardCharsets.UTF_8));
  }

  /** Begins a stream of events. */
  static OutputStream events(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    head(exchange, OK, UNKNOWN_LENGTH);
    return exchange.getResponseBody();
  }

  private static void head(HttpExchange exchange, int status, long length) throws IOException {
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange.sendResponseHeaders(status, length);
  }
}
