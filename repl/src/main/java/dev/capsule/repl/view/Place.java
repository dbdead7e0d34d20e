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
   * The file, if it is there.
   *
   * @param folder where a relative name starts
   */
  @Nullable Path find(Path folder) {
    try {
      Path found = folder.resolve(file).normalize();
      return Files.isRegularFile(found) ? found : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /** The same place, with another name for the file. */
  Place named(String name) {
    return new Place(name, line, column);
  }

  @Override
  public String toString() {
    return file + ":" + line + (column == null ? "" : ":" + column);
  }
}
