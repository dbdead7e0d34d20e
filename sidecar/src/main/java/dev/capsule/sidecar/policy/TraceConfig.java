package dev.capsule.sidecar.policy;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a project says of traces.
 *
 * @param store whether those of its runs are kept; null: it does not say
 * @param maxBytes of all that is kept
 * @param maxAge of what is kept
 * @param verbose whether arguments and results are kept, too
 */
public record TraceConfig(
    @Nullable Boolean store, long maxBytes, Duration maxAge, boolean verbose) {
  private static final long MIN_BYTES = 1_000_000L;
  private static final long MAX_BYTES = 1L << 40;

  /** What holds where nothing is said. */
  public static final TraceConfig NONE =
      new TraceConfig(null, 256_000_000L, Duration.ofDays(30), false);

  static final List<String> KEYS = List.of("store", "max_size", "max_age", "level");

  static TraceConfig read(TomlSection section) throws OptionException {
    section.requireKnown(KEYS);
    return new TraceConfig(store(section), size(section), age(section), verbose(section));
  }

  private static @Nullable Boolean store(TomlSection section) throws OptionException {
    if (!section.keys().contains("store")) {
      return null;
    }
    if (section.json("store") instanceof JsonPrimitive value && value.isBoolean()) {
      return value.getAsBoolean();
    }
    throw section.fault("store", "must be true or false");
  }

  private static long size(TomlSection section) throws OptionException {
    if (!section.keys().contains("max_size")) {
      return NONE.maxBytes();
    }
    try {
      return Sizes.parse("max_size", section.json("max_size"), MIN_BYTES, MAX_BYTES);
    } catch (OptionException e) {
      throw e.where() == null ? section.at(e) : e;
    }
  }

  private static Duration age(TomlSection section) throws OptionException {
    if (!section.keys().contains("max_age")) {
      return NONE.maxAge();
    }
    JsonElement value = section.json("max_age");
    Duration age = Durations.days(value);
    if (age == null) {
      throw section.fault("max_age", "must be a time such as \"30d\" or \"12h\", from 1h to 3650d");
    }
    return age;
  }

  private static boolean verbose(TomlSection section) throws OptionException {
    String level = section.text("level");
    if (level == null || level.equals("messages")) {
      return false;
    }
    if (level.equals("verbose")) {
      return true;
    }
    throw section.fault("level", "must be \"messages\" or \"verbose\"");
  }
}
