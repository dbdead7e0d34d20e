package dev.capsule.sidecar.policy;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;

/**
 * Where a task may send HTTP requests: an entry of {@code allowed_hosts}.
 *
 * @param text as it was written
 */
public record HostPattern(String text) {
  static HostPattern parse(String field, JsonElement value) throws OptionException {
    if (value instanceof JsonPrimitive primitive
        && primitive.isString()
        && !primitive.getAsString().isBlank()) {
      return new HostPattern(primitive.getAsString());
    }
    throw new OptionException(
        field, value.toString(), "must be a host: \"api.example.com\", \"*.example.com\" or \"*\"");
  }

  /** Whether everything that the other one allows is allowed by this one. */
  boolean covers(HostPattern other) {
    return text.equals("*")
        || text.equals(other.text)
        || (text.startsWith("*.") && other.text.endsWith(text.substring(1)));
  }
}
