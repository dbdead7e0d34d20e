package dev.capsule.sidecar.policy;

import com.google.gson.JsonElement;
import java.time.Duration;
import java.util.List;

/**
 * What a configuration says of sessions.
 *
 * @param max how many may be open at once
 * @param idleTimeout after which one is closed that nothing is asked of
 * @param evicts whether another one closes the idlest when there are so many; else it is refused
 */
public record SessionConfig(int max, Duration idleTimeout, boolean evicts) {
  /** More are not kept by a sidecar. */
  public static final int MOST = 500;

  /** What holds where nothing is said. */
  public static final SessionConfig NONE = new SessionConfig(200, Duration.ofMinutes(30), false);

  static final List<String> KEYS = List.of("max", "idle_timeout", "when_full");

  static SessionConfig read(TomlSection section) throws OptionException {
    section.requireKnown(KEYS);
    return new SessionConfig(max(section), idle(section), evicts(section));
  }

  private static int max(TomlSection section) throws OptionException {
    if (!section.keys().contains("max")) {
      return NONE.max();
    }
    try {
      int max = Counts.parse("max", section.json("max"), MOST);
      if (max > 0) {
        return max;
      }
    } catch (OptionException e) {
      throw e.where() == null ? section.at(e) : e;
    }
    throw section.fault("max", "must be a number from 1 to " + MOST);
  }

  private static Duration idle(TomlSection section) throws OptionException {
    if (!section.keys().contains("idle_timeout")) {
      return NONE.idleTimeout();
    }
    try {
      return idleTimeout("idle_timeout", section.json("idle_timeout"));
    } catch (OptionException e) {
      throw e.where() == null ? section.at(e) : e;
    }
  }

  /** Reads a time after which a session is closed. */
  public static Duration idleTimeout(String field, JsonElement value) throws OptionException {
    return Durations.parse(field, value);
  }

  private static boolean evicts(TomlSection section) throws OptionException {
    String text = section.text("when_full");
    if (text == null || text.equals("refuse")) {
      return false;
    }
    if (text.equals("evict")) {
      return true;
    }
    throw section.fault("when_full", "must be \"refuse\" or \"evict\"");
  }
}
