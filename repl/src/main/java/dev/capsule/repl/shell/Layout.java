package dev.capsule.repl.shell;

import java.util.List;
import java.util.Locale;

/** Where source goes on, and how far the next line is indented. */
final class Layout {
  private Layout() {}

  /** Whether source is to be run when Enter is pressed at its end. */
  static boolean isComplete(String source, Grammar grammar) {
    if (source.isBlank() || !isClosed(source, grammar)) {
      return source.isBlank();
    }
    if (!grammar.isPython()) {
      return true;
    }
    // A block of Python ends where an empty line follows it.
    return !hasBlock(source, grammar) || source.substring(source.lastIndexOf('\n') + 1).isBlank();
  }

  /** Whether nothing is left open: what follows may be another statement. */
  static boolean isClosed(String source, Grammar grammar) {
    Scan scan = Scan.of(source, grammar);
    String code = scan.withoutComments(source).stripTrailing();
    if (scan.unfinished() || !scan.open().isEmpty()) {
      return false;
    }
    if (!grammar.isPython()) {
      return !code.endsWith("=>") && !code.endsWith("=") && !code.endsWith(",");
    }
    String last = code.substring(code.lastIndexOf('\n') + 1).strip();
    return !code.endsWith(":") && !code.endsWith("\\") && !last.startsWith("@");
  }

  /** Whether the last statement is one that an empty line must end. */
  private static boolean hasBlock(String source, Grammar grammar) {
    List<String> lines = Scan.of(source, grammar).withoutComments(source).lines().toList();
    int first = lines.size() - 1;
    while (first > 0 && goesOn(lines.get(first), grammar)) {
      first--;
    }
    return lines.subList(first, lines.size()).stream()
        .anyMatch(line -> line.stripTrailing().endsWith(":") || line.startsWith("@"));
  }

  /** Whether a line goes on with the statement before it, rather than beginning one. */
  static boolean goesOn(String line, Grammar grammar) {
    String text = line.strip();
    String word = text.split("\\W", 2)[0].toLowerCase(Locale.ROOT);
    return text.isEmpty()
        || Character.isWhitespace(line.charAt(0))
        || grammar.continuing().contains(word)
        || (!grammar.isPython() && ".)]}?:".indexOf(text.charAt(0)) >= 0);
  }

  /** The spaces that the line after source begins with. */
  static String indentation(String source, Grammar grammar) {
    Scan scan = Scan.of(source, grammar);
    String line = source.substring(source.lastIndexOf('\n') + 1);
    String code =
        scan.withoutComments(source).substring(source.length() - line.length()).stripTrailing();
    int spaces = line.length() - line.stripLeading().length();
    if (scan.unfinished()) {
      return "";
    }
    boolean opens = !code.isEmpty() && "([{".indexOf(code.charAt(code.length() - 1)) >= 0;
    if (opens || (grammar.isPython() && code.endsWith(":") && scan.open().isEmpty())) {
      spaces += grammar.indent();
    } else if (grammar.isPython()
        && code.strip().matches("(return|raise|pass|break|continue)\\b.*")) {
      spaces -= grammar.indent();
    }
    return " ".repeat(Math.max(0, spaces));
  }
}
