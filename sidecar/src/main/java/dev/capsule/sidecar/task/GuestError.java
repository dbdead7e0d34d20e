package dev.capsule.sidecar.task;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.SourceErrorData;
import dev.capsule.protocol.TaskFailure;
import java.io.IOException;
import java.io.StringReader;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An error as a guest tells it. What it says of itself is believed as far as it concerns its own
 * task: it cannot claim what only the host decides.
 */
record GuestError(
    ErrorType type,
    String message,
    @Nullable String className,
    @Nullable String traceback,
    @Nullable String file,
    @Nullable Integer line,
    @Nullable Integer column) {

  private static final Set<ErrorType> GUESTS_SAY =
      EnumSet.of(
          ErrorType.TASK_ERROR,
          ErrorType.INVALID_ARGUMENTS,
          ErrorType.INVALID_RESULT,
          ErrorType.TASK_NOT_FOUND,
          ErrorType.SOURCE_ERROR,
          ErrorType.EXIT,
          ErrorType.OUT_OF_MEMORY,
          ErrorType.STACK_OVERFLOW);
  private static final int MAX_TEXT = 1 << 20;

  static GuestError parse(String json) {
    try (JsonReader reader = Json.strictReader(new StringReader(json))) {
      return read(reader);
    } catch (IOException | IllegalStateException e) {
      return malformed();
    }
  }

  static GuestError read(JsonReader reader) throws IOException {
    ErrorType type = ErrorType.TASK_ERROR;
    String message = "";
    String className = null;
    String traceback = null;
    String file = null;
    Integer line = null;
    Integer column = null;
    reader.beginObject();
    while (reader.hasNext()) {
      switch (reader.nextName()) {
        case "type" -> {
          String name = text(reader);
          ErrorType said = name == null ? null : ErrorType.of(name);
          type = said != null && GUESTS_SAY.contains(said) ? said : ErrorType.TASK_ERROR;
        }
        case "message" -> {
          String text = text(reader);
          message = text == null ? "" : text;
        }
        case "class" -> className = text(reader);
        case "traceback" -> traceback = text(reader);
        case "file" -> file = text(reader);
        case "line" -> line = number(reader);
        case "column" -> column = number(reader);
        default -> reader.skipValue();
      }
    }
    reader.endObject();
    return new GuestError(type, message, className, traceback, file, line, column);
  }

  /** The same of another place. */
  GuestError at(@Nullable String otherFile, @Nullable Integer otherLine, @Nullable Integer other) {
    return new GuestError(type, message, className, traceback, otherFile, otherLine, other);
  }

  static GuestError malformed() {
    return new GuestError(
        ErrorType.INVALID_RESULT,
        "the sandbox's reply is not what a guest sends; the task has overwritten parts of its own"
            + " interpreter",
        null,
        null,
        null,
        null,
        null);
  }

  private static @Nullable String text(JsonReader reader) throws IOException {
    if (reader.peek() == JsonToken.NULL) {
      reader.nextNull();
      return null;
    }
    String text = reader.nextString();
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
  }

  private static @Nullable Integer number(JsonReader reader) throws IOException {
    if (reader.peek() != JsonToken.NUMBER) {
      reader.skipValue();
      return null;
    }
    try {
      return Math.max(1, reader.nextInt());
    } catch (NumberFormatException e) {
      reader.skipValue();
      return null;
    }
  }

  TaskFailure toFailure() {
    return new TaskFailure(type.wireName(), message, className, traceback);
  }

  SourceErrorData toSourceError() {
    return new SourceErrorData(
        ErrorType.SOURCE_ERROR.wireName(), message, className, traceback, file, line, column);
  }
}
