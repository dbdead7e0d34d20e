package dev.capsule.repl.mcp;

import java.util.ArrayList;
import java.util.List;

/** Takes apart text of programs: what stands in brackets or quotes is never a separator. */
final class Pieces {
  private static final String OPENING = "([{<";
  private static final String CLOSING = ")]}>";

  private Pieces() {}

  /** The parts between separators, without space around them; none of an empty text. */
  static List<String> split(String text, String separators) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    for (int at = next(text, 0, separators);
        at < text.length();
        at = next(text, start, separators)) {
      parts.add(text.substring(start, at).strip());
      start = at + 1;
    }
    String last = text.substring(start).strip();
    if (!last.isEmpty()) {
      parts.add(last);
    }
    return parts;
  }

  /** Where the first separator at or after a place is; the text's length if there is none. */
  static int next(String text, int from, String separators) {
    int depth = 0;
    for (int at = from; at < text.length(); at++) {
      char c = text.charAt(at);
      if (depth == 0 && separators.indexOf(c) >= 0 && !isArrow(text, at)) {
        return at;
      }
      if (c == '"' || c == '\'' || c == '`') {
        at = endOfString(text, at);
      } else if (OPENING.indexOf(c) >= 0) {
        depth++;
      } else if (CLOSING.indexOf(c) >= 0 && !isArrow(text, at - 1)) {
        depth--;
      }
    }
    return text.length();
  }

  /** Whether {@code ->} or {@code =>} stands here. */
  private static boolean isArrow(String text, int at) {
    return at >= 0 && (text.startsWith("=>", at) || text.startsWith("->", at));
  }

  private static int endOfString(String text, int start) {
    char quote = text.charAt(start);
    int at = start + 1;
    while (at < text.length() && text.charAt(at) != quote) {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    return at;
  }
}
