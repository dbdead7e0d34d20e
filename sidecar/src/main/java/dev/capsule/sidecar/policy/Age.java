package dev.capsule.sidecar.policy;

import com.google.gson.JsonPrimitive;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long ago: {@code "30d"}, {@code "12h"}. */
public final class Age {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,6}) *([smhdw])");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "s",
          Duration.ofSeconds(1),
          "m",
          Duration.ofMinutes(1),
          "h",
          Duration.ofHours(1),
          "d",
          Duration.ofDays(1),
          "w",
          Duration.ofDays(7));

  private Age() {}

  /** Reads an age. */
  public static Duration parse(String field, String text) throws OptionException {
    Matcher age = TEXT.matcher(text.strip());
    Duration unit = age.matches() ? UNITS.get(age.group(2)) : null;
    if (unit == null) {
      throw new OptionException(
          field,
          new JsonPrimitive(text).toString(),
          "must be an age such as \"30d\" or \"12h\" (units s, m, h, d, w)");
    }
    return unit.multipliedBy(Long.parseLong(age.group(1)));
  }
}
