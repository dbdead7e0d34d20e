package dev.capsule.repl.shell;

import java.util.function.Supplier;
import org.jline.reader.Highlighter;
import org.jline.reader.LineReader;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/** Colours of source while it is typed. */
final class Colours implements Highlighter {
  private final Supplier<Grammar> grammar;

  Colours(Supplier<Grammar> grammar) {
    this.grammar = grammar;
  }

  @Override
  public AttributedString highlight(LineReader reader, String buffer) {
    AttributedStringBuilder text = new AttributedStringBuilder(buffer.length());
    if (buffer.startsWith(":")) {
      int end = buffer.indexOf(' ') < 0 ? buffer.length() : buffer.indexOf(' ');
      return text.styled(AttributedStyle.BOLD, buffer.substring(0, end))
          .append(buffer, end, buffer.length())
          .toAttributedString();
    }
    int from = 0;
    for (Scan.Token token : Scan.of(buffer, grammar.get()).tokens()) {
      text.append(buffer, from, token.start());
      text.styled(style(token.kind()), buffer.substring(token.start(), token.end()));
      from = token.end();
    }
    return text.append(buffer, from, buffer.length()).toAttributedString();
  }

  private static AttributedStyle style(Scan.Kind kind) {
    AttributedStyle plain = AttributedStyle.DEFAULT;
    return switch (kind) {
      case KEYWORD -> plain.foreground(AttributedStyle.MAGENTA);
      case BUILTIN -> plain.foreground(AttributedStyle.CYAN);
      case STRING -> plain.foreground(AttributedStyle.GREEN);
      case COMMENT -> plain.faint();
      case NUMBER -> plain.foreground(AttributedStyle.YELLOW);
      case DECORATOR -> plain.foreground(AttributedStyle.BLUE);
    };
  }
}
