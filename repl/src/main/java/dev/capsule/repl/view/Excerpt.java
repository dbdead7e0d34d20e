package dev.capsule.repl.view;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Lines of the user's own files, shown where they are wrong. */
final class Excerpt {
  private static final String INDENT = "\n    ";

  private Excerpt() {}

  /**
   * A line, and below it a caret under a column.
   *
   * @param line from 1
   * @param column from 1; null: no caret
   * @return empty if there is no such line; otherwise begins with a line end
   */
  static String of(Path file, int line, @Nullable Integer column) {
    try (var lines = Files.lines(file)) {
      return lines
          .skip(line - 1L)
          .findFirst()
          .map(text -> INDENT + text + (column == null ? "" : INDENT + caret(text, column)))
          .orElse("");
    } catch (IOException | RuntimeException e) {
      // The place is named already; the excerpt is only a courtesy.
      return "";
    }
  }

  /** Spaces up to the column, with the line's own tabs so that the caret stands below it. */
  private static String caret(String line, int column) {
    String before = line.substring(0, Math.min(line.length(), Math.max(0, column - 1)));
    return before.replaceAll("[^\t]", " ") + "^";
  }
}
