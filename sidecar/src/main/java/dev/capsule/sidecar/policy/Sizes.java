package dev.capsule.sidecar.policy;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sizes in bytes: whole numbers, or text such as {@code "512MB"} or {@code "1.5 GiB"}. */
final class Sizes {
  private static final Pattern TEXT =
      Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,9})?) *([A-Za-z]*)");
  private static final Map<String, Long> UNITS =
      Map.of(
          "", 1L,
          "b", 1L,
          "kb", 1_000L,
          "mb", 1_000_000L,
          "gb", 1_000_000_000L,
          "kib", 1L << 10,
          "mib", 1L << 20,
          "gib", 1L << 30);

  private Sizes() {}

  static long parse(String field, JsonElement value, long min, long max) throws OptionException {
    BigDecimal bytes = bytes(value);
    if (bytes == null || !Counts.isWhole(bytes, min, max)) {
      throw new OptionException(
          field,
          value.toString(),
          "must be bytes, or a size such as \"512MB\" or \"1.5GiB\" (units B, KB, MB, GB, KiB, MiB,"
              + " GiB), from "
              + show(min)
              + " to "
              + show(max));
    }
    return bytes.longValueExact();
  }

  private static @Nullable BigDecimal bytes(JsonElement value) {
    if (!(value instanceof JsonPrimitive primitive) || primitive.isBoolean()) {
      return null;
    }
    if (primitive.isNumber()) {
      return Counts.exact(primitive);
    }
    Matcher match = TEXT.matcher(primitive.getAsString().strip());
    if (!match.matches()) {
      return null;
    }
    Long unit = UNITS.get(match.group(2).toLowerCase(Locale.ROOT));
    return unit == null ? null : new BigDecimal(match.group(1)).multiply(BigDecimal.valueOf(unit));
  }

  /** A size as people write it, exact: {@code "256MiB"}, {@code "64MB"}, {@code "1000B"}. */
  static String show(long bytes) {
    for (String unit : new String[] {"GiB", "GB", "MiB", "MB", "KiB", "KB"}) {
      Long size = UNITS.get(unit.toLowerCase(Locale.ROOT));
      if (bytes != 0 && size != null && bytes % size == 0) {
        return bytes / size + unit;
      }
    }
    return bytes + "B";
  }
}
