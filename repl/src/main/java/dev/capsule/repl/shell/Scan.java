package dev.capsule.repl.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Source taken apart, as far as its colours and its end depend on it.
 *
 * @param tokens those that have a colour, in order
 * @param open brackets that are not closed, the outermost first
 * @param unfinished whether it ends inside of a string or a comment of several lines
 */
record Scan(List<Token> tokens, String open, boolean unfinished) {
  /** What a piece of source is. */
  enum Kind {
    KEYWORD,
    BUILTIN,
    STRING,
    COMMENT,
    NUMBER,
    DECORATOR
  }

  /** A piece of source. */
  record Token(Kind kind, int start, int end) {}

  static Scan of(String source, Grammar grammar) {
    return new Scanner(source, grammar).scan();
  }

  /** The source with its comments blanked out. */
  String withoutComments(String source) {
    StringBuilder text = new StringBuilder(source);
    for (Token token : tokens) {
      if (token.kind() == Kind.COMMENT) {
        for (int at = token.start(); at < token.end(); at++) {
          if (text.charAt(at) != '\n') {
            text.setCharAt(at, ' ');
          }
        }
      }
    }
    return text.toString();
  }

  private static final class Scanner {
    private final String source;
    private final Grammar grammar;
    private final List<Token> tokens = new ArrayList<>();
    private final StringBuilder open = new StringBuilder();
    private boolean unfinished;
    private int at;

    /** The last character that was no space: it tells a division from a regular expression. */
    private char before = '\n';

    private Scanner(String source, Grammar grammar) {
      this.source = source;
      this.grammar = grammar;
    }

    private Scan scan() {
      while (at < source.length()) {
        char c = source.charAt(at);
        if (source.startsWith(grammar.comment(), at)) {
          add(Kind.COMMENT, endOfLine(at));
        } else if (!grammar.isPython() && source.startsWith("/*", at)) {
          int end = source.indexOf("*/", at + 2);
          unfinished = end < 0;
          add(Kind.COMMENT, end < 0 ? source.length() : end + 2);
        } else if (c == '"' || c == '\'' || (c == '`' && !grammar.isPython())) {
          string(at);
        } else if (Character.isUnicodeIdentifierStart(c) || c == '_' || c == '$') {
          word();
        } else if (Character.isDigit(c)) {
          number();
        } else if (c == '@') {
          add(Kind.DECORATOR, endOfWord(at + 1));
        } else if (c == '/'
            && !grammar.isPython()
            && "\n=(,:[!&|?{};+-*%<>~^".indexOf(before) >= 0) {
          regularExpression();
        } else {
          bracket(c);
          before = Character.isWhitespace(c) && c != '\n' ? before : c;
          at++;
        }
      }
      return new Scan(tokens, open.toString(), unfinished);
    }

    private void add(Kind kind, int end) {
      tokens.add(new Token(kind, at, end));
      if (kind != Kind.COMMENT) {
        before = source.charAt(end - 1);
      }
      at = end;
    }

    private void bracket(char c) {
      if ("([{".indexOf(c) >= 0) {
        open.append(c);
      } else if (")]}".indexOf(c) >= 0 && !open.isEmpty()) {
        open.setLength(open.length() - 1);
      }
    }

    private void word() {
      int end = endOfWord(at);
      String word = source.substring(at, end);
      boolean prefix =
          grammar.isPython()
              && word.length() <= 2
              && word.toLowerCase(Locale.ROOT).matches("[rbfut]+");
      boolean member = before == '.';
      if (prefix && end < source.length() && "\"'".indexOf(source.charAt(end)) >= 0) {
        string(end);
      } else if (!member && grammar.keywords().contains(word)) {
        add(Kind.KEYWORD, end);
        before = '='; // a regular expression may follow it, as in `return /a/`
      } else if (!member && grammar.builtins().contains(word)) {
        add(Kind.BUILTIN, end);
      } else {
        at = end;
        before = 'a';
      }
    }

    private int endOfWord(int from) {
      int end = from;
      while (end < source.length()
          && (Character.isUnicodeIdentifierPart(source.charAt(end)) || source.charAt(end) == '$')) {
        end++;
      }
      return end;
    }

    private void number() {
      int end = at + 1;
      while (end < source.length()
          && (Character.isLetterOrDigit(source.charAt(end))
              || "._".indexOf(source.charAt(end)) >= 0)) {
        end++;
      }
      add(Kind.NUMBER, end);
    }

    /** From {@link #at}, with its quote at a place that may be behind a prefix. */
    private void string(int quoteAt) {
      char quote = source.charAt(quoteAt);
      String triple = String.valueOf(quote).repeat(3);
      boolean several = grammar.isPython() && source.startsWith(triple, quoteAt);
      boolean lines = several || quote == '`';
      int end = quoteAt + (several ? 3 : 1);
      while (end < source.length()) {
        char c = source.charAt(end);
        if (c == '\\') {
          end += 2;
        } else if (several ? source.startsWith(triple, end) : c == quote) {
          add(Kind.STRING, end + (several ? 3 : 1));
          return;
        } else if (c == '\n' && !lines) {
          add(Kind.STRING, end);
          return;
        } else if (quote == '`' && source.startsWith("${", end)) {
          end = endOfPlaceholder(end + 2);
        } else {
          end++;
        }
      }
      unfinished = lines || source.endsWith("\\");
      add(Kind.STRING, source.length());
    }

    private int endOfPlaceholder(int from) {
      int depth = 1;
      int end = from;
      while (end < source.length() && depth > 0) {
        char c = source.charAt(end++);
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      }
      return end;
    }

    private void regularExpression() {
      boolean inClass = false;
      int end = at + 1;
      while (end < source.length() && source.charAt(end) != '\n') {
        char c = source.charAt(end);
        if (c == '\\') {
          end++;
        } else if (c == '[' || c == ']') {
          inClass = c == '[';
        } else if (c == '/' && !inClass) {
          add(Kind.STRING, endOfWord(end + 1));
          return;
        }
        end++;
      }
      at++; // it was none
    }

    private int endOfLine(int from) {
      int end = source.indexOf('\n', from);
      return end < 0 ? source.length() : end;
    }
  }
}
