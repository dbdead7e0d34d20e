package dev.capsule.repl.mcp;

import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import java.io.IOException;
import java.io.StringReader;
import org.jspecify.annotations.Nullable;

/**
 * What a client sent: a request, if it has an id, or a notification.
 *
 * @param id a string or a whole number; null: there is none
 * @param method null: it is a reply, which we never asked for
 */
record Message(@Nullable RawJson id, @Nullable String method, RawJson params) {
  private static final int MAX_ID = 256;

  /** Text that is no message. The id is the one that it would have had, if that could be read. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    private final int code;
    private final transient RawJson id;

    Malformed(int code, String message, RawJson id) {
      super(message);
      this.code = code;
      this.id = id;
    }

    int code() {
      return code;
    }

    RawJson id() {
      return id;
    }
  }

  /** Reads the outer object only; what the parameters hold is for whoever knows the method. */
  static Message parse(String line) throws Malformed {
    Parser parser = new Parser();
    try {
      parser.read(Json.strictReader(new StringReader(line)));
    } catch (IOException | IllegalStateException | JsonParseException e) {
      // What is JSON but no object is another error than what is no JSON.
      throw parser.begun
          ? malformed(ErrorCode.PARSE_ERROR, "not JSON: " + Json.problem(e))
          : notAnObject(line, e);
    }
    return parser.message();
  }

  private static Malformed notAnObject(String line, Exception problem) {
    try {
      RawJson value = RawJson.parse(line);
      return malformed(
          ErrorCode.INVALID_REQUEST,
          value.isArray()
              ? "batches are not supported; send one message a line"
              : "a message is a JSON object");
    } catch (IOException | IllegalStateException e) {
      return malformed(ErrorCode.PARSE_ERROR, "not JSON: " + Json.problem(problem));
    }
  }

  private static Malformed malformed(int code, String problem) {
    return new Malformed(code, problem, RawJson.NULL);
  }

  private static final class Parser {
    private boolean begun;
    private boolean versioned;
    private boolean badId;
    private boolean badMethod;
    private @Nullable RawJson id;
    private @Nullable String method;
    private RawJson params = RawJson.EMPTY_OBJECT;

    void read(JsonReader reader) throws IOException {
      reader.beginObject();
      begun = true;
      while (reader.hasNext()) {
        switch (reader.nextName()) {
          case "jsonrpc" ->
              versioned =
                  reader.peek() == JsonToken.STRING
                      ? reader.nextString().equals("2.0")
                      : skipped(reader);
          case "id" -> readId(reader);
          case "method" -> {
            badMethod = reader.peek() != JsonToken.STRING;
            method = badMethod ? null : reader.nextString();
            if (badMethod) {
              reader.skipValue();
            }
          }
          case "params" -> params = RawJson.read(reader);
          default -> reader.skipValue();
        }
      }
      reader.endObject();
      Json.requireEnd(reader);
    }

    private static boolean skipped(JsonReader reader) throws IOException {
      reader.skipValue();
      return false;
    }

    private void readId(JsonReader reader) throws IOException {
      JsonToken token = reader.peek();
      RawJson value = RawJson.read(reader);
      boolean whole = token == JsonToken.NUMBER && value.text().matches("-?[0-9]+");
      badId = !(token == JsonToken.STRING || whole) || value.text().length() > MAX_ID;
      id = badId ? null : value;
    }

    Message message() throws Malformed {
      String problem = problem();
      if (problem != null) {
        RawJson about = id == null ? RawJson.NULL : id;
        throw new Malformed(ErrorCode.INVALID_REQUEST, problem, about);
      }
      return new Message(id, method, params);
    }

    private @Nullable String problem() {
      if (!versioned) {
        return "jsonrpc must be \"2.0\"";
      }
      if (badId) {
        return "id must be a string or a whole number, of at most " + MAX_ID + " characters";
      }
      if (badMethod || (method == null && id == null)) {
        return "method must be a string";
      }
      return method == null || params.isObject() ? null : "params must be an object";
    }
  }
}
