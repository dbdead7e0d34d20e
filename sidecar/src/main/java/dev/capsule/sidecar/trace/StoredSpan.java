package dev.capsule.sidecar.trace;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.Span;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A line of the store, read as what anybody may have written there. */
record StoredSpan(Span span, JsonObject attributes) {

  /** Reads a line; null if it is no span. */
  static @Nullable StoredSpan parse(byte[] line) {
    try {
      Span span = Json.gson().fromJson(new String(line, StandardCharsets.UTF_8), Span.class);
      if (isWhole(span)
          && JsonParser.parseString(span.attributes().text()) instanceof JsonObject attributes) {
        return new StoredSpan(span, attributes);
      }
    } catch (JsonParseException | IllegalStateException | NullPointerException e) {
      // it is none
    }
    return null;
  }

  /** Gson takes a span from which something is missing. */
  @SuppressWarnings("ConstantConditions")
  private static boolean isWhole(@Nullable Span span) {
    return span != null
        && span.spanId() != null
        && span.kind() != null
        && span.name() != null
        && span.status() != null
        && span.attributes() != null
        && span.events() != null;
  }

  @Nullable String runId() {
    return text(Names.RUN_ID);
  }

  @Nullable String workflowId() {
    return text(Names.WORKFLOW_ID);
  }

  /** What went wrong; null: nothing did. */
  @Nullable String error() {
    String type = text(Names.ERROR_TYPE);
    String message = text(Names.ERROR_MESSAGE);
    return type == null ? message : message == null ? type : type + ": " + message;
  }

  private @Nullable String text(String name) {
    JsonElement value = attributes.get(name);
    return value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()
        ? value.getAsString()
        : null;
  }
}
