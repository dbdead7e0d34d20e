package dev.capsule.sidecar.rpc;

import com.google.gson.JsonObject;
import dev.capsule.protocol.Json;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * What one room has to say, a line each. Nobody who is quoted can begin a line of his own. Faults
 * show their stack only at the level debug.
 */
final class Log {
  private final String room;
  private final Logs.Level level;
  private final boolean plain;
  private final boolean json;
  private final PrintStream out;

  /**
   * @param plain whether lines are only for people who read along: nobody has asked for more
   */
  Log(String room, Logs.Level level, boolean plain, boolean json, PrintStream out) {
    this.room = room;
    this.level = level;
    this.plain = plain;
    this.json = json;
    this.out = out;
  }

  /** Whether it is worth finding out what is told at the level debug. */
  boolean isDebug() {
    return level == Logs.Level.DEBUG;
  }

  /**
   * Tells details.
   *
   * @param fields names and values, by turns
   */
  void debug(String message, Object... fields) {
    tell(Logs.Level.DEBUG, message, fields);
  }

  void info(String message) {
    tell(Logs.Level.INFO, message);
  }

  void warn(String message) {
    tell(Logs.Level.WARN, message);
  }

  /** Tells of a fault of ours. */
  void fault(String message, Throwable cause) {
    if (isDebug()) {
      StringWriter stack = new StringWriter();
      cause.printStackTrace(new PrintWriter(stack));
      tell(Logs.Level.ERROR, message + ": " + cause, "stack", stack.toString());
    } else {
      tell(Logs.Level.ERROR, message + ": " + cause);
    }
  }

  private void tell(Logs.Level how, String message, Object... fields) {
    if (how.compareTo(level) >= 0) {
      out.println(json ? object(how, message, fields) : text(how, message, fields));
    }
  }

  private String text(Logs.Level how, String message, Object... fields) {
    StringBuilder line = new StringBuilder();
    if (plain) {
      line.append("capsule: ");
    } else {
      line.append(now()).append(' ').append(name(how)).append(' ').append(room).append(": ");
    }
    line.append(line(message));
    for (int i = 0; i < fields.length; i += 2) {
      line.append(' ').append(fields[i]).append('=').append(line(fields[i + 1].toString()));
    }
    return line.toString();
  }

  private String object(Logs.Level how, String message, Object... fields) {
    JsonObject object = new JsonObject();
    object.addProperty("time", now());
    object.addProperty("level", name(how));
    object.addProperty("room", room);
    object.addProperty("message", message);
    for (int i = 0; i < fields.length; i += 2) {
      if (fields[i + 1] instanceof Number number) {
        object.addProperty(fields[i].toString(), number);
      } else {
        object.addProperty(fields[i].toString(), fields[i + 1].toString());
      }
    }
    return Json.gson().toJson(object);
  }

  private static String now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
  }

  private static String name(Logs.Level level) {
    return level.name().toLowerCase(Locale.ROOT);
  }

  /** Text without line breaks and other control characters. */
  static String line(String text) {
    StringBuilder line = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
        if (line == null) {
          line = new StringBuilder(text.length() + 16).append(text, 0, i);
        }
        line.append(c == '\n' ? "\\n" : String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else if (line != null) {
        line.append(c);
      }
    }
    return line == null ? text : line.toString();
  }
}
