package dev.capsule.sidecar.policy;

import java.util.List;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;

/** TOML that somebody wrote who is not trusted: read in bounded time, or refused with its place. */
public final class TomlText {
  /**
   * Blank lines and lines of comment, one after the other. The parser takes time that grows with
   * the third power of their number: 1,600 take it many seconds.
   */
  static final int MAX_EMPTY_LINES = 500;

  private static final int MAX_SHOWN = 300;

  private TomlText() {}

  /** Why a text is not taken. */
  public static final class MistakeException extends Exception {
    private static final long serialVersionUID = 1;
    private final int line;
    private final int column;

    private MistakeException(int line, int column, String message) {
      super(message, null, false, false);
      this.line = line;
      this.column = column;
    }

    /** From 1. */
    public int line() {
      return line;
    }

    /** From 1. */
    public int column() {
      return column;
    }
  }

  /**
   * Reads a text.
   *
   * @throws MistakeException whose message goes on after the name of the text: "is not TOML: …"
   */
  public static TomlParseResult parse(String text) throws MistakeException {
    requireFewEmptyLines(text);
    TomlParseResult result;
    try {
      result = Toml.parse(text);
    } catch (StackOverflowError e) { // the parser recurses
      throw new MistakeException(1, 1, "is nested too deeply");
    } catch (RuntimeException e) { // the parser fails at some that are not closed
      throw new MistakeException(
          failingLine(text),
          1,
          "is not TOML: a bracket, a brace or a quote before this is not closed");
    }
    if (result.hasErrors()) {
      TomlParseError error = result.errors().getFirst();
      throw new MistakeException(
          error.position().line(),
          error.position().column(),
          "is not TOML: " + shorten(String.valueOf(error.getMessage())));
    }
    return result;
  }

  /** The line up to which a text must be read for the parser to fail. */
  private static int failingLine(String text) {
    List<String> lines = text.lines().toList();
    int fine = 0;
    int failing = lines.size();
    while (failing - fine > 1) {
      int middle = (fine + failing) / 2;
      try {
        var _ = Toml.parse(String.join("\n", lines.subList(0, middle)));
        fine = middle;
      } catch (RuntimeException e) {
        failing = middle;
      }
    }
    return Math.max(1, failing);
  }

  private static void requireFewEmptyLines(String text) throws MistakeException {
    int empty = 0;
    int number = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      number++;
      String content = line.strip();
      empty = content.isEmpty() || content.startsWith("#") ? empty + 1 : 0;
      if (empty > MAX_EMPTY_LINES) {
        throw new MistakeException(
            number,
            1,
            "has more than "
                + MAX_EMPTY_LINES
                + " blank lines and comments one after the other; leave some out");
      }
    }
  }

  /** The parser quotes whatever it does not understand, and all of it. */
  private static String shorten(String text) {
    String line = text.replaceAll("\\p{Cntrl}", " ");
    return line.length() <= MAX_SHOWN ? line : line.substring(0, MAX_SHOWN - 1) + "…";
  }
}
