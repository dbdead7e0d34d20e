package dev.capsule.sidecar.policy;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;

/** Whole numbers. */
final class Counts {
  private Counts() {}

  static int parse(String field, JsonElement value, int max) throws OptionException {
    if (value instanceof JsonPrimitive primitive && primitive.isNumber()) {
      try {
        BigDecimal number = new BigDecimal(primitive.getAsString());
        if (number.signum() >= 0
            && number.compareTo(BigDecimal.valueOf(max)) <= 0
            && number.stripTrailingZeros().scale() <= 0) {
          return number.intValueExact();
        }
      } catch (NumberFormatException e) {
        // an exponent of more digits than a BigDecimal can have: told below
      }
    }
    throw new OptionException(field, value.toString(), "must be a whole number from 0 to " + max);
  }
}
