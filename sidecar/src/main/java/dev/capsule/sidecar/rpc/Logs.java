package dev.capsule.sidecar.rpc;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where this process writes what people may want to know, and how much: standard error or a file,
 * never standard output. Not a library, because each that was tried costs more at start than the
 * rest of the way to the first line (docs/decisions/0019-traces.md).
 */
final class Logs {
  /** How much matters. */
  enum Level {
    DEBUG,
    INFO,
    WARN,
    ERROR,
    OFF
  }

  private static final String LEVELS = "CAPSULE_LOG";
  private static final String FILE = "CAPSULE_LOG_FILE";
  private static final String FORMAT = "CAPSULE_LOG_FORMAT";

  private final PrintStream out;
  private final boolean json;
  private final boolean plain;
  private final Level level;
  private final Map<String, Level> ofRooms;

  private Logs(
      PrintStream out, boolean json, boolean plain, Level level, Map<String, Level> ofRooms) {
    this.out = out;
    this.json = json;
    this.plain = plain;
    this.level = level;
    this.ofRooms = Map.copyOf(ofRooms);
  }

  /**
   * As the environment says.
   *
   * @param err standard error, where mistakes in the settings are told, too
   */
  static Logs of(Map<String, String> environment, PrintStream err) {
    String levels = environment.getOrDefault(LEVELS, "").strip();
    String file = environment.getOrDefault(FILE, "").strip();
    String format = environment.getOrDefault(FORMAT, "").strip();
    PrintStream out = file.isEmpty() ? err : open(file, err);
    Level level = Level.INFO;
    Map<String, Level> ofRooms = new HashMap<>();
    for (String part : levels.isEmpty() ? List.<String>of() : List.of(levels.split(",", -1))) {
      int equals = part.indexOf('=');
      Level said = level(part.substring(equals + 1));
      if (said == null) {
        mistake(err, LEVELS, levels, "debug, info, warn, error or off, and for some ROOM=LEVEL");
      } else if (equals < 0) {
        level = said;
      } else {
        ofRooms.put(part.substring(0, equals).strip(), said);
      }
    }
    if (!List.of("", "text", "json").contains(format)) {
      mistake(err, FORMAT, format, "text or json");
    }
    boolean plain = levels.isEmpty() && file.isEmpty() && format.isEmpty();
    return new Logs(out, format.equals("json"), plain, level, ofRooms);
  }

  private static @Nullable Level level(String text) {
    try {
      return Level.valueOf(text.strip().toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static void mistake(PrintStream err, String name, String value, String allowed) {
    err.println("capsule: " + name + "=" + Log.line(value) + ": must be " + allowed);
  }

  /** What is told may be what only this user may know. */
  private static PrintStream open(String file, PrintStream err) {
    try {
      Path path = Path.of(file);
      if (!Files.exists(path)
          && FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
        Files.createFile(
            path,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      return new PrintStream(
          new FileOutputStream(path.toFile(), true), true, StandardCharsets.UTF_8);
    } catch (IOException | InvalidPathException e) {
      mistake(err, FILE, file, "a file that can be written to: " + e.getMessage());
      return err;
    }
  }

  /** The log of a room. */
  Log of(String room) {
    return new Log(room, ofRooms.getOrDefault(room, level), plain, json, out);
  }
}
