package dev.capsule.sidecar.rpc;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A message of the client, as JSON-RPC 2.0 has them. */
sealed interface Incoming {
  /**
   * Wants an answer.
   *
   * @param id as written: {@code 1} and {@code "1"} are different
   * @param params an object or an array, or null
   */
  record Request(RawJson id, String method, @Nullable RawJson params) implements Incoming {}

  record Notification(String method, @Nullable RawJson params) implements Incoming {}

  /**
   * An answer to a request of this side.
   *
   * @param result null if there is none
   * @param error null if there is none, or if it is null, as some clients write it beside a result
   */
  record Response(RawJson id, @Nullable RawJson result, @Nullable RawJson error)
      implements Incoming {}

  /** Not JSON. */
  record Unreadable(String why) implements Incoming {}

  /**
   * JSON, but no message.
   *
   * @param id of the request that it may have been meant to be
   */
  record Invalid(@Nullable RawJson id, String why) implements Incoming {}

  int MAX_ID = 256;

  static Incoming parse(byte[] bytes) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return new Unreadable("the message is not UTF-8");
    }
    try (JsonReader reader = Json.strictReader(new StringReader(text))) {
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        RawJson.read(reader);
        Json.requireEnd(reader);
        return new Invalid(null, "a message must be an object; batches are not supported");
      }
      Incoming message = read(reader);
      Json.requireEnd(reader);
      return message;
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      return new Unreadable("the message is not JSON: " + Json.problem(e));
    }
  }

  private static Incoming read(JsonReader reader) throws IOException {
    RawJson version = null;
    RawJson id = null;
    RawJson method = null;
    RawJson params = null;
    RawJson result = null;
    RawJson error = null;
    reader.beginObject();
    while (reader.hasNext()) {
      switch (reader.nextName()) {
        case "jsonrpc" -> version = RawJson.read(reader);
        case "id" -> id = RawJson.read(reader);
        case "method" -> method = RawJson.read(reader);
        case "params" -> {
          RawJson value = RawJson.read(reader);
          params = value.isNull() ? null : value; // some clients write null for none
        }
        case "result" -> result = RawJson.read(reader);
        case "error" -> error = RawJson.read(reader);
        default -> reader.skipValue();
      }
    }
    reader.endObject();
    RawJson validId = id != null && isId(id) ? id : null;
    if (version == null || !version.text().equals("\"2.0\"")) {
      return new Invalid(validId, "jsonrpc must be \"2.0\"");
    }
    if (id != null && validId == null) {
      return new Invalid(
          null, "id must be a string or a whole number, of at most " + MAX_ID + " characters");
    }
    if (method == null) {
      return validId != null && (result != null || error != null)
          ? new Response(validId, result, error == null || error.isNull() ? null : error)
          : new Invalid(validId, "method is missing");
    }
    if (!method.text().startsWith("\"")) {
      return new Invalid(validId, "method must be a string");
    }
    if (params != null && !params.isObject() && !params.isArray()) {
      return new Invalid(validId, "params must be an object");
    }
    String name = Json.gson().fromJson(method.text(), String.class);
    return validId == null ? new Notification(name, params) : new Request(validId, name, params);
  }

  private static boolean isId(RawJson id) {
    String text = id.text();
    return text.length() <= MAX_ID && (text.startsWith("\"") || text.matches("-?[0-9]+"));
  }
}
