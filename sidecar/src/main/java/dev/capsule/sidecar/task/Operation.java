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
  /** Another task of the same program. */
  record Call(String task, RawJson args, RawJson kwargs) implements Operation {}

  /** A module of the program. */
  record Import(String name) implements Operation {}

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
    String op = null;
    String task = null;
    String name = null;
    RawJson args = RawJson.EMPTY_ARRAY;
    RawJson kwargs = RawJson.EMPTY_OBJECT;
    Long id = null;
    reader.beginObject();
    while (reader.hasNext()) {
      String field = reader.nextName();
      switch (field) {
        case "op" -> op = string(reader);
        case "task" -> task = string(reader);
        case "name" -> name = string(reader);
        case "args" -> args = RawJson.read(reader);
        case "kwargs" -> kwargs = RawJson.read(reader);
        case "id" -> id = number(reader);
        default -> {
          return new Invalid(
              "an operation has no field \"" + field + "\"; a policy is never given by a caller");
        }
      }
    }
    reader.endObject();
    return of(op, task, name, args, kwargs, id);
  }

  private static Operation of(
      @Nullable String op,
      @Nullable String task,
      @Nullable String name,
      RawJson args,
      RawJson kwargs,
      @Nullable Long id) {
    if ("call".equals(op) && task != null) {
      return args.isArray() && kwargs.isObject()
          ? new Call(task, args, kwargs)
          : new Invalid("args must be an array, kwargs an object");
    }
    if ("module".equals(op) && name != null) {
      return new Import(name);
    }
    if ("cancel".equals(op) && id != null) {
      return new Cancel(id);
    }
    return new Invalid(
        "op must be \"call\" with task, \"module\" with name, or \"cancel\" with id");
  }

  private static long number(JsonReader reader) throws IOException {
    if (reader.peek() != JsonToken.NUMBER) {
      throw new IOException("a number is wanted");
    }
    return reader.nextLong();
  }

  private static String string(JsonReader reader) throws IOException {
    if (reader.peek() != JsonToken.STRING) {
      throw new IOException("a string is wanted");
    }
    return reader.nextString();
  }
}
