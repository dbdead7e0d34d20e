package dev.capsule.sidecar.task;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.capsule.sidecar.sandbox.Hashes;
import java.util.Map;
import java.util.TreeMap;

/** Tells whether two JSON texts say the same: the order of an object's fields does not count. */
final class CanonicalJson {
  private CanonicalJson() {}

  /** The same for texts that say the same; numbers do if they have the same digits. */
  static String hash(String json) {
    StringBuilder text = new StringBuilder(json.length());
    append(text, JsonParser.parseString(json));
    return Hashes.of(text.toString());
  }

  private static void append(StringBuilder text, JsonElement value) {
    if (value.isJsonObject()) {
      Map<String, JsonElement> sorted = new TreeMap<>(value.getAsJsonObject().asMap());
      text.append('{');
      sorted.forEach((name, inner) -> {
        appendText(text, name);
        append(text, inner);
      });
      text.append('}');
    } else if (value.isJsonArray()) {
      text.append('[');
      value.getAsJsonArray().forEach(inner -> append(text, inner));
      text.append(']');
    } else if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()) {
      appendText(text, value.getAsString());
    } else {
      text.append(value).append(';');
    }
  }

  /** With its length before it, so that no text can look like the end of one. */
  private static void appendText(StringBuilder text, String value) {
    text.append('"').append(value.length()).append(':').append(value);
  }
}
