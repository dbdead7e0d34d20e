package dev.capsule.sidecar.policy;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How much a task may compute, in units of fuel: about one a WebAssembly instruction, and about 5e9
 * a second of Python.
 */
final class Compute {
  static final long LOW = 5_000_000_000L;
  static final long MEDIUM = 50_000_000_000L;
  static final long HIGH = 1_500_000_000_000L;
  private static final long MAX = 1_000_000_000_000_000L;
  private static final Map<String, Long> LEVELS =
      Map.of("LOW", LOW, "MEDIUM", MEDIUM, "HIGH", HIGH);
  private static final Pattern DIGITS = Pattern.compile("[0-9]{1,16}");

  private Compute() {}

  /** A level's name, or the units. */
  static JsonElement show(long fuel) {
    for (Map.Entry<String, Long> level : LEVELS.entrySet()) {
      if (level.getValue() == fuel) {
        return new JsonPrimitive(level.getKey());
      }
    }
    return new JsonPrimitive(fuel);
  }

  static long parse(String field, JsonElement value) throws OptionException {
    if (value instanceof JsonPrimitive primitive && !primitive.isBoolean()) {
      String text = primitive.getAsString().strip();
      Long level = LEVELS.get(text.toUpperCase(Locale.ROOT));
      if (level != null) {
        return level;
      }
      BigDecimal fuel = fuel(primitive, text);
      if (fuel != null && Counts.isWhole(fuel, 1, MAX)) {
        return fuel.longValueExact();
      }
    }
    throw new OptionException(
        field,
        value.toString(),
        "must be \"LOW\" (5e9 units of fuel), \"MEDIUM\" (5e10), \"HIGH\" (1.5e12), or a whole number"
            + " of units from 1 to 1e15");
  }

  private static @Nullable BigDecimal fuel(JsonPrimitive value, String text) {
    if (value.isNumber()) {
      return Counts.exact(value);
    }
    return DIGITS.matcher(text).matches() ? new BigDecimal(text) : null;
  }
}
