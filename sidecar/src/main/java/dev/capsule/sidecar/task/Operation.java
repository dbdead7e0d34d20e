package dev.capsule.sidecar.task;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import java.io.IOException;
import java.io.StringReader;
import org.jspecify.annotations.Nullable;

/** What a guest asks of the host. */
sealed interface Operation {
  /** What an operation may be. */
  String SHAPES =
      "op must be \"call\" with task, \"tool\" with tool, \"module\" with name, \"http\" with"
          + " method and url, \"http_send\" with stream and body, \"http_read\" or \"http_close\""
          + " with stream, or \"cancel\" with id";

  /** Another task of the same program. */
  record Call(String task, RawJson args, RawJson kwargs) implements Operation {}

  /** A module of the program. */
  record Import(String name) implements Operation {}

  /** A function of the client's process. */
  record Tool(String tool, RawJson args, RawJson kwargs) implements Operation {}

  /** What the HTTP gate does. */
  sealed interface OfHttp extends Operation {}

  /**
   * An HTTP request, or its head.
   *
   * @param headers an array of arrays of two strings
   * @param body the body or its beginning, base64; null: none
   * @param complete whether this is the whole body
   * @param apart whether the body of the answer is to come apart from the JSON
   */
  record Http(
      String method,
      String url,
      RawJson headers,
      @Nullable String body,
      boolean complete,
      boolean apart)
      implements OfHttp {}

  /** More of a request's body. */
  record HttpSend(long stream, String body, boolean complete, boolean apart) implements OfHttp {}

  /** More of an answer's body is wanted. */
  record HttpRead(long stream, boolean apart) implements OfHttp {}

  /** The rest of an answer, or of a request, is not wanted. */
  record HttpClose(long stream) implements OfHttp {}

  /** The end of an operation that it asked for before. */
  record Cancel(long id) implements Operation {}

  /** Nothing that there is. */
  record Invalid(String why) implements Operation {}

  /** Reads an operation as the hostile input that it may be. */
  static Operation parse(String json) {
    try (JsonReader reader = Json.strictReader(new StringReader(json))) {
      Operation operation = read(reader);
      if (!(operation instanceof Invalid)) { // it is read to its end
        Json.requireEnd(reader);
      }
      return operation;
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      return new Invalid("an operation is a JSON object: " + Json.problem(e));
    }
  }

  private static Operation read(JsonReader reader) throws IOException {
    Fields fields = new Fields();
    reader.beginObject();
    while (reader.hasNext()) {
      String field = reader.nextName();
      if (!fields.take(field, reader)) {
        return new Invalid(
            "an operation has no field \""
                + (field.length() <= 80 ? field : field.substring(0, 79) + "…")
                + "\"; a policy is never given by a caller");
      }
    }
    reader.endObject();
    return fields.operation();
  }

  /** The fields of all operations, as far as they came. */
  final class Fields {
    private @Nullable String op;
    private @Nullable String task;
    private @Nullable String tool;
    private @Nullable String name;
    private RawJson args = RawJson.EMPTY_ARRAY;
    private RawJson kwargs = RawJson.EMPTY_OBJECT;
    private @Nullable String method;
    private @Nullable String url;
    private RawJson headers = RawJson.EMPTY_ARRAY;
    private @Nullable String body;
    private boolean complete = true;
    private boolean apart;
    private @Nullable Long id;
    private @Nullable Long stream;

    private Fields() {}

    /** Reads the value of a field; false if there is no such field. */
    private boolean take(String field, JsonReader reader) throws IOException {
      switch (field) {
        case "op" -> op = string(reader);
        case "task" -> task = string(reader);
        case "tool" -> tool = string(reader);
        case "name" -> name = string(reader);
        case "args" -> args = RawJson.read(reader);
        case "kwargs" -> kwargs = RawJson.read(reader);
        case "method" -> method = string(reader);
        case "url" -> url = string(reader);
        case "headers" -> headers = RawJson.read(reader);
        case "body" -> body = string(reader);
        case "complete" -> complete = truth(reader);
        case "apart" -> apart = truth(reader);
        case "id" -> id = number(reader);
        case "stream" -> stream = number(reader);
        default -> {
          return false;
        }
      }
      return true;
    }

    private Operation operation() {
      if (!args.isArray() || !kwargs.isObject() || !headers.isArray()) {
        return new Invalid("args and headers must be arrays, kwargs an object");
      }
      Operation operation =
          switch (op == null ? "" : op) {
            case "call" -> task == null ? null : new Call(task, args, kwargs);
            case "tool" -> tool == null ? null : new Tool(tool, args, kwargs);
            case "module" -> name == null ? null : new Import(name);
            case "http" ->
                method == null || url == null
                    ? null
                    : new Http(method, url, headers, body, complete, apart);
            case "http_send" ->
                stream == null || body == null ? null : new HttpSend(stream, body, complete, apart);
            case "http_read" -> stream == null ? null : new HttpRead(stream, apart);
            case "http_close" -> stream == null ? null : new HttpClose(stream);
            case "cancel" -> id == null ? null : new Cancel(id);
            default -> null;
          };
      return operation == null ? new Invalid(SHAPES) : operation;
    }
  }

  private static boolean truth(JsonReader reader) throws IOException {
    if (reader.peek() != JsonToken.BOOLEAN) {
      throw new IOException("true or false is wanted");
    }
    return reader.nextBoolean();
  }

  private static long number(JsonReader reader) throws IOException {
    if (reader.peek() != JsonToken.NUMBER) {
      throw new IOException("a number is wanted");
    }
    return reader.nextLong();
  }

  /** Reads a string, and nothing that could be taken for one. */
  static String string(JsonReader reader) throws IOException {
    if (reader.peek() != JsonToken.STRING) {
      throw new IOException("a string is wanted");
    }
    return reader.nextString();
  }
}
