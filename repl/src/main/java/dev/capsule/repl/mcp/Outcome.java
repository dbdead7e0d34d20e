package dev.capsule.repl.mcp;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.TaskOutput;
import org.jspecify.annotations.Nullable;

/** What a run printed and came to, told to the model. */
final class Outcome {
  private static final int MAX_RESULT = 100_000;

  private final Printed stdout = new Printed();
  private final Printed stderr = new Printed();
  private final Progress progress;

  Outcome(Progress progress) {
    this.progress = progress;
  }

  /** It printed. */
  void printed(TaskOutput output) {
    (output.stream().equals("stderr") ? stderr : stdout).add(output.text());
    String text = output.text().stripTrailing();
    progress.step(text.substring(text.lastIndexOf('\n') + 1));
  }

  /** A task has ended. */
  ToolResult of(Envelope envelope) {
    ToolResult result = new ToolResult();
    TaskFailure failure = envelope.error();
    if (failure == null) {
      RawJson value = envelope.result() == null ? RawJson.NULL : envelope.result();
      tellPrinted(result).text(text(value));
      return result.structured(structured("result", parsed(value), null, envelope.execution()));
    }
    tellPrinted(result.text(FailureText.of(failure, envelope.execution())));
    return result
        .failed(true)
        .structured(structured("result", null, failure, envelope.execution()));
  }

  /** Appends what was printed; the result or the failure speaks for itself. */
  ToolResult tellPrinted(ToolResult result) {
    if (!stdout.isEmpty()) {
      result.text("It printed:\n" + stdout);
    }
    if (!stderr.isEmpty()) {
      result.text("On standard error:\n" + stderr);
    }
    return result;
  }

  /** The members that the schema of {@link #schema} names. */
  JsonObject structured(
      String name,
      @Nullable JsonElement value,
      @Nullable TaskFailure failure,
      Execution execution) {
    JsonObject object = new JsonObject();
    object.add(name, value);
    object.add("error", failure == null ? null : Json.gson().toJsonTree(failure));
    object.addProperty("stdout", stdout.toString());
    object.addProperty("stderr", stderr.toString());
    object.addProperty("duration_ms", execution.durationMs());
    object.addProperty("fuel_consumed", execution.fuelConsumed());
    object.addProperty("ram_used", execution.ramUsed());
    return object;
  }

  /** The schema of what {@link #structured} makes. */
  static JsonObject schema(String name, String description) {
    JsonObject properties = new JsonObject();
    JsonObject value = new JsonObject();
    value.addProperty("description", description);
    properties.add(name, value);
    properties.add(
        "error", Schemas.property("why it failed; null if it did not", "object", "null"));
    properties.add("stdout", Schemas.property("what it printed", "string"));
    properties.add("stderr", Schemas.property("what it printed on standard error", "string"));
    properties.add("duration_ms", Schemas.property("milliseconds", "integer"));
    properties.add("fuel_consumed", Schemas.property("units of work", "integer", "null"));
    properties.add("ram_used", Schemas.property("bytes of memory", "integer", "null"));
    JsonArray required = new JsonArray();
    properties.keySet().forEach(required::add);
    JsonObject schema = new JsonObject();
    schema.addProperty("type", "object");
    schema.add("properties", properties);
    schema.add("required", required);
    return schema;
  }

  /** A string is told as it is, anything else as JSON. */
  private static String text(RawJson value) {
    String text =
        value.text().startsWith("\"")
            ? Json.gson().fromJson(value.text(), String.class)
            : value.text();
    return text.length() <= MAX_RESULT
        ? text
        : text.substring(0, Texts.end(text, MAX_RESULT))
            + "\n[… "
            + (text.length() - MAX_RESULT)
            + " more characters, too many to show; return less, or write it to a file]";
  }

  private static JsonElement parsed(RawJson value) {
    return value.text().length() <= MAX_RESULT
        ? JsonParser.parseString(value.text())
        : new JsonPrimitive(text(value));
  }
}
