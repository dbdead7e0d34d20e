package dev.capsule.repl.client;

import com.google.gson.stream.JsonReader;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import java.io.IOException;
import java.io.StringReader;
import org.jspecify.annotations.Nullable;

/**
 * A message from the sidecar. Which of the fields are set tells what it is: a notification has a
 * method, a request a method and an id, a reply an id and either a result or an error.
 */
record Incoming(
    @Nullable RawJson id,
    @Nullable String method,
    @Nullable RawJson params,
    @Nullable RawJson result,
    @Nullable RpcException error) {

  /** Reads a message's outer object only: its params or result, however large, stay text. */
  static Incoming parse(String text) throws IOException {
    JsonReader reader = Json.strictReader(new StringReader(text));
    RawJson id = null;
    String method = null;
    RawJson params = null;
    RawJson result = null;
    RpcException error = null;
    reader.beginObject();
    while (reader.hasNext()) {
      switch (reader.nextName()) {
        case "id" -> id = RawJson.read(reader);
        case "method" -> method = reader.nextString();
        case "params" -> params = RawJson.read(reader);
        case "result" -> result = RawJson.read(reader);
        case "error" -> error = nextError(reader);
        default -> reader.skipValue();
      }
    }
    reader.endObject();
    return new Incoming(id == null || id.isNull() ? null : id, method, params, result, error);
  }

  private static RpcException nextError(JsonReader reader) throws IOException {
    int code = 0;
    String message = "";
    RawJson data = null;
    reader.beginObject();
    while (reader.hasNext()) {
      switch (reader.nextName()) {
        case "code" -> code = reader.nextInt();
        case "message" -> message = reader.nextString();
        case "data" -> data = RawJson.read(reader);
        default -> reader.skipValue();
      }
    }
    reader.endObject();
    return new RpcException(code, message, data == null || data.isNull() ? null : data);
  }
}
