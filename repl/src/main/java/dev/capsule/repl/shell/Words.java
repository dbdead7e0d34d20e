package dev.capsule.repl.shell;

import java.util.List;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;

/** What a completion replaces: the name before the cursor, or a command's last word. */
final class Words implements Parser {
  @Override
  public ParsedLine parse(String line, int cursor, ParseContext context) {
    int start = cursor;
    boolean command = line.startsWith(":");
    while (start > 0 && isPart(line.charAt(start - 1), command)) {
      start--;
    }
    return new Word(line, cursor, start);
  }

  private static boolean isPart(char c, boolean command) {
    return command ? !Character.isWhitespace(c) : Character.isUnicodeIdentifierPart(c) || c == '$';
  }

  /** The word that ends at the cursor. */
  private record Word(String line, int cursor, int start) implements CompletingParsedLine {
    @Override
    public String word() {
      return line.substring(start, cursor);
    }

    @Override
    public int wordCursor() {
      return cursor - start;
    }

    @Override
    public int wordIndex() {
      return line.substring(0, start).isBlank() ? 0 : 1;
    }

    @Override
    public List<String> words() {
      return wordIndex() == 0 ? List.of(word()) : List.of(line.substring(0, start), word());
    }

    @Override
    public CharSequence escape(CharSequence candidate, boolean complete) {
      return candidate;
    }

    @Override
    public int rawWordCursor() {
      return cursor - start;
    }

    @Override
    public int rawWordLength() {
      return cursor - start;
    }
  }
}
