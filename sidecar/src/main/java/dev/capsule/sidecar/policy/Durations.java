package dev.capsule.sidecar.policy;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Durations: seconds as a number, or text such as {@code "500ms"}, {@code "30s"}, {@code "1h30m"}.
 */
final class Durations {
  private static final Duration MIN = Duration.ofMillis(1);
  private static final Duration MAX = Duration.ofHours(24);
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");
  private static final Pattern PART = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?) *(ms|s|m|h)");
  private static final Pattern KEPT = Pattern.compile("([0-9]{1,5}) *(d|h)");
  private static final Duration LONGEST_KEPT = Duration.ofDays(3650);
  private static final Map<String, BigDecimal> SECONDS =
      Map.of(
          "ms",
          new BigDecimal("0.001"),
          "s",
          BigDecimal.ONE,
          "m",
          BigDecimal.valueOf(60),
          "h",
          BigDecimal.valueOf(3600));

  private Durations() {}

  static Duration parse(String field, JsonElement value) throws OptionException {
    BigDecimal seconds = seconds(value);
    Duration duration =
        seconds == null || seconds.compareTo(BigDecimal.valueOf(MAX.toSeconds())) > 0
            ? Duration.ZERO
            : Duration.ofNanos(seconds.movePointRight(9).longValue());
    if (duration.compareTo(MIN) < 0) {
      throw new OptionException(
          field,
          value.toString(),
          "must be seconds, or a duration such as \"500ms\", \"30s\", \"5m\" or \"1h30m\" (units ms,"
              + " s, m, h), from 1ms to 24h");
    }
    return duration;
  }

  /** A time in which things are kept, {@code "30d"} or {@code "12h"}; null: it is none. */
  static @Nullable Duration days(JsonElement value) {
    if (!(value instanceof JsonPrimitive text) || !text.isString()) {
      return null;
    }
    Matcher match = KEPT.matcher(text.getAsString().strip());
    if (!match.matches()) {
      return null;
    }
    long number = Long.parseLong(match.group(1));
    Duration time = match.group(2).equals("d") ? Duration.ofDays(number) : Duration.ofHours(number);
    return number == 0 || time.compareTo(LONGEST_KEPT) > 0 ? null : time;
  }

  private static @Nullable BigDecimal seconds(JsonElement value) {
    if (!(value instanceof JsonPrimitive primitive) || primitive.isBoolean()) {
      return null;
    }
    String text = primitive.getAsString().strip();
    if (NUMBER.matcher(text).matches()) {
      return new BigDecimal(text);
    }
    BigDecimal total = BigDecimal.ZERO;
    Matcher part = PART.matcher(text);
    int end = 0;
    while (end < text.length()) {
      if (!part.find(end) || part.start() != end) {
        return null;
      }
      total = total.add(new BigDecimal(part.group(1)).multiply(SECONDS.get(part.group(2))));
      end = part.end();
    }
    return end == 0 ? null : total;
  }

  /** A duration as people write it: {@code "30s"}, {@code "1h30m"}, {@code "1.5s"}. */
  static String show(Duration duration) {
    StringBuilder text = new StringBuilder();
    if (duration.toHours() > 0) {
      text.append(duration.toHours()).append('h');
    }
    if (duration.toMinutesPart() > 0) {
      text.append(duration.toMinutesPart()).append('m');
    }
    int seconds = duration.toSecondsPart();
    int nanos = duration.toNanosPart();
    if (text.isEmpty() && seconds == 0 && nanos > 0) {
      return plain(BigDecimal.valueOf(nanos, 6)) + "ms";
    }
    if (seconds > 0 || nanos > 0 || text.isEmpty()) {
      text.append(plain(BigDecimal.valueOf(seconds).add(BigDecimal.valueOf(nanos, 9)))).append('s');
    }
    return text.toString();
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }
}
