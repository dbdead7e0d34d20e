package dev.capsule.repl.view;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in a file of the user's, {@code FILE:LINE} or {@code FILE:LINE:COLUMN}.
 *
 * @param file as the sidecar names it
 * @param line from 1
 * @param column from 1; null: not known
 */
record Place(String file, int line, @Nullable Integer column) {
  private static final Pattern FORM = Pattern.compile("(.+?):(\\d{1,9})(?::(\\d{1,9}))?");

  static @Nullable Place parse(String text) {
    Matcher found = FORM.matcher(text);
    if (!found.matches()) {
      return null;
    }
    String column = found.group(3);
    return new Place(
        found.group(1),
        Integer.parseInt(found.group(2)),
        column == null ? null : Integer.valueOf(column));
  }

  /**
   * The line itself.
   *
   * @param folder where a relative name starts, or above it
   * @return empty if it can't be found; otherwise begins with a line end
   */
  String excerpt(Path folder) {
    try {
      for (Path start = folder; start != null; start = start.getParent()) {
        Path found = start.resolve(file);
        if (Files.isRegularFile(found)) {
          return Excerpt.of(found, line, column);
        }
      }
    } catch (InvalidPathException e) {
      // A name that is none leads to no file.
    }
    return "";
  }
}
