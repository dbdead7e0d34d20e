package dev.capsule.sidecar.policy;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Variables in a {@code .env} file: a {@code NAME=value} a line. Values may be quoted: between
 * single quotes everything is as it stands, between double quotes {@code \n \r \t \" \\ \$} are
 * escapes, and both may go over several lines. An unquoted value ends at the line's end or at a
 * {@code #} after a blank. {@code export} may stand before a name. Nothing is expanded. Of a name
 * that occurs twice the last counts.
 */
public final class DotEnv {
  /** Text that is no such file. Its message names the line and never what stands there. */
  public static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;
    private final int line;

    Malformed(int line, String what) {
      super(what, null, false, false);
      this.line = line;
    }

    /** Number of the line, from 1. */
    public int line() {
      return line;
    }
  }

  private final String text;
  private int at;

  private DotEnv(String text) {
    this.text = text;
  }

  /** The variables of a file's text, in the order of their first occurrence. */
  public static Map<String, String> parse(String text) throws Malformed {
    return new DotEnv(text.startsWith("\ufeff") ? text.substring(1) : text).variables();
  }

  private Map<String, String> variables() throws Malformed {
    Map<String, String> found = new LinkedHashMap<>();
    while (true) {
      skipBlanksAndComments();
      if (at == text.length()) {
        return found;
      }
      String name = name();
      if (name.equals("export") && at < text.length() && isBlank(text.charAt(at))) {
        skipBlanks();
        name = name();
      }
      skipBlanks();
      if (name.isEmpty() || at == text.length() || text.charAt(at) != '=') {
        throw malformed(
            "must be NAME=value; names are letters, digits and _, and start with no digit");
      }
      at++;
      skipBlanks();
      found.put(name, value());
    }
  }

  private String name() {
    int start = at;
    while (at < text.length() && isNamePart(text.charAt(at), at == start)) {
      at++;
    }
    return text.substring(start, at);
  }

  private static boolean isNamePart(char c, boolean first) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || c == '_'
        || (!first && c >= '0' && c <= '9');
  }

  private String value() throws Malformed {
    char quote = at < text.length() ? text.charAt(at) : '\n';
    if (quote != '"' && quote != '\'') {
      return unquoted();
    }
    String value = quoted(quote);
    skipBlanks();
    if (at < text.length() && text.charAt(at) == '#') {
      skipLine();
    }
    if (at < text.length() && !isLineEnd(text.charAt(at))) {
      throw malformed("has something after the closing quote");
    }
    return value;
  }

  private String unquoted() throws Malformed {
    int start = at;
    int end = at;
    while (at < text.length() && !isLineEnd(text.charAt(at))) {
      char c = text.charAt(at);
      if (c == '#' && (at == start || isBlank(text.charAt(at - 1)))) {
        skipLine();
        break;
      }
      if (c == 0) {
        throw malformed("has a NUL character in its value");
      }
      at++;
      if (!isBlank(c)) {
        end = at;
      }
    }
    return text.substring(start, end);
  }

  private String quoted(char quote) throws Malformed {
    int start = at++;
    StringBuilder value = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == quote) {
        return value.toString();
      }
      if (c == 0) {
        throw malformed("has a NUL character in its value");
      }
      if (c == '\\' && quote == '"' && at < text.length()) {
        char escaped = text.charAt(at++);
        switch (escaped) {
          case 'n' -> value.append('\n');
          case 'r' -> value.append('\r');
          case 't' -> value.append('\t');
          case '"', '\\', '$' -> value.append(escaped);
          default -> value.append('\\').append(escaped);
        }
      } else {
        value.append(c);
      }
    }
    at = start;
    throw malformed("opens a quote that is never closed");
  }

  private void skipBlanksAndComments() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#') {
        skipLine();
      } else if (isBlank(c) || isLineEnd(c)) {
        at++;
      } else {
        return;
      }
    }
  }

  private void skipBlanks() {
    while (at < text.length() && isBlank(text.charAt(at))) {
      at++;
    }
  }

  private void skipLine() {
    while (at < text.length() && !isLineEnd(text.charAt(at))) {
      at++;
    }
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  private static boolean isLineEnd(char c) {
    return c == '\n' || c == '\r';
  }

  private Malformed malformed(String what) {
    int line = 1 + (int) text.substring(0, at).chars().filter(c -> c == '\n').count();
    return new Malformed(line, what);
  }
}
