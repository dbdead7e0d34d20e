package dev.capsule.sidecar.policy;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Whole numbers. */
final class Counts {
  private Counts() {}

  static int parse(String field, JsonElement value, int max) throws OptionException {
    if (value instanceof JsonPrimitive primitive && primitive.isNumber()) {
      BigDecimal number = exact(primitive);
      if (number != null && isWhole(number, 0, max)) {
        return number.intValueExact();
      }
    }
    throw new OptionException(field, value.toString(), "must be a whole number from 0 to " + max);
  }

  /** A number as it was written; null: its exponent has more digits than there can be. */
  static @Nullable BigDecimal exact(JsonPrimitive number) {
    try {
      return new BigDecimal(number.getAsString());
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** Whether it is a whole number in a range, however it is written: 1e9, 2.0. */
  static boolean isWhole(BigDecimal number, long min, long max) {
    return number.compareTo(BigDecimal.valueOf(min)) >= 0
        && number.compareTo(BigDecimal.valueOf(max)) <= 0
        && number.stripTrailingZeros().scale() <= 0;
  }
}
