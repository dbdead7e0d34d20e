package dev.capsule.sidecar.task;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import java.io.IOException;
import java.io.StringReader;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client answers to {@code callTool}, in the form in which a guest gets it: the value, or
 * the failure's type, class and message. Tracebacks show the client's own code and stay outside.
 *
 * @param result null if it failed
 * @param failure null if it did not
 */
record ToolReply(@Nullable RawJson result, @Nullable TaskFailure failure) {
  private static final Set<ErrorType> CLIENTS_SAY =
      EnumSet.of(
          ErrorType.TASK_ERROR,
          ErrorType.INVALID_ARGUMENTS,
          ErrorType.INVALID_RESULT,
          ErrorType.POLICY_DENIED,
          ErrorType.OVERLOADED,
          ErrorType.CANCELLED);
  private static final int MAX_MESSAGE = 64 << 10;
  private static final int MAX_CLASS = 200;

  /** Reads what a client answered, whatever it is. */
  static ToolReply of(RawJson reply) {
    try (JsonReader reader = Json.strictReader(new StringReader(reply.text()))) {
      return read(reader);
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      return malformed();
    }
  }

  /** The guest's answer. */
  String completion() {
    return failure == null ? "\"ok\":" + result : Answers.failed(failure, null);
  }

  private static ToolReply read(JsonReader reader) throws IOException {
    RawJson result = null;
    TaskFailure failure = null;
    reader.beginObject();
    while (reader.hasNext()) {
      switch (reader.nextName()) {
        case "result" -> result = RawJson.read(reader);
        case "error" -> failure = failure(reader);
        default -> reader.skipValue();
      }
    }
    reader.endObject();
    if (failure != null) {
      return new ToolReply(null, failure);
    }
    return result == null ? malformed() : new ToolReply(result, null);
  }

  private static @Nullable TaskFailure failure(JsonReader reader) throws IOException {
    if (reader.peek() == JsonToken.NULL) {
      reader.nextNull();
      return null;
    }
    ErrorType type = ErrorType.TASK_ERROR;
    String message = "";
    String className = null;
    reader.beginObject();
    while (reader.hasNext()) {
      switch (reader.nextName()) {
        case "type" -> {
          String name = text(reader, MAX_CLASS);
          ErrorType said = name == null ? null : ErrorType.of(name);
          type = said != null && CLIENTS_SAY.contains(said) ? said : ErrorType.TASK_ERROR;
        }
        case "message" -> {
          String text = text(reader, MAX_MESSAGE);
          message = text == null ? "" : text;
        }
        case "class" -> className = text(reader, MAX_CLASS);
        default -> reader.skipValue();
      }
    }
    reader.endObject();
    return new TaskFailure(type.wireName(), message, className, null);
  }

  private static @Nullable String text(JsonReader reader, int longest) throws IOException {
    if (reader.peek() == JsonToken.NULL) {
      reader.nextNull();
      return null;
    }
    String text = reader.nextString();
    if (text.length() <= longest) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
    return text.substring(0, end) + "…";
  }

  private static ToolReply malformed() {
    return new ToolReply(
        null,
        TaskFailure.of(
            ErrorType.INTERNAL,
            "the program that runs the tool answered with what is neither a result nor an error"));
  }
}
