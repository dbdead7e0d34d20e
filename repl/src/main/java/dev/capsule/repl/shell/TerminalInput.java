package dev.capsule.repl.shell;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;
import org.jline.keymap.KeyMap;
import org.jline.reader.Buffer;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.reader.Widget;
import org.jline.terminal.Terminal;
import org.jspecify.annotations.Nullable;

/** A terminal with an editor of several lines, colours, completion and a history. */
final class TerminalInput implements Input {
  private static final int HISTORY = 10_000;

  private static final String BACKWARD = LineReader.HISTORY_INCREMENTAL_SEARCH_BACKWARD;
  private static final String FORWARD = LineReader.HISTORY_INCREMENTAL_SEARCH_FORWARD;

  private final Terminal terminal;
  private final LineReader reader;
  private Grammar grammar;
  private String prefilled = "";

  /**
   * @param history the file that what is typed is kept in
   */
  TerminalInput(Terminal terminal, Grammar first, Completion completion, @Nullable Path history) {
    this.terminal = terminal;
    grammar = first;
    Supplier<Grammar> current = () -> grammar;
    LineReaderBuilder builder =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("capsule")
            .parser(new Words())
            .completer(completion)
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.HISTORY_IGNORE_SPACE, false)
            .option(LineReader.Option.INSERT_TAB, false)
            .option(LineReader.Option.AUTO_FRESH_LINE, false)
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "... ")
            .variable(LineReader.HISTORY_SIZE, HISTORY)
            .variable(LineReader.HISTORY_FILE_SIZE, HISTORY);
    if (System.getenv("NO_COLOR") == null) {
      builder.highlighter(new Colours(current));
    }
    if (history != null) {
      builder.variable(LineReader.HISTORY_FILE, history);
    }
    reader = builder.build();
    bind("capsule-enter", this::enter, "\r", "\n");
    bind("capsule-newline", this::newLine, KeyMap.alt('\r'), KeyMap.alt('\n'));
    bind("capsule-tab", this::tab, "\t");
    bind("capsule-backspace", this::backspace, KeyMap.del(), KeyMap.ctrl('H'));
    bind("capsule-search", () -> search(BACKWARD), KeyMap.ctrl('R'));
    bind("capsule-search-on", () -> search(FORWARD), KeyMap.ctrl('S'));
  }

  private void bind(String name, Widget widget, CharSequence... keys) {
    reader.getWidgets().put(name, widget);
    var main = Objects.requireNonNull(reader.getKeyMaps().get(LineReader.MAIN));
    for (CharSequence key : keys) {
      main.bind(new Reference(name), key);
    }
  }

  /**
   * What can be run is run; within several lines, or where something is missing, another begins.
   */
  private boolean enter() {
    Buffer buffer = reader.getBuffer();
    String text = buffer.toString();
    boolean asked = !text.contains("\n") || text.substring(buffer.cursor()).isBlank();
    if (text.isBlank() || text.startsWith(":") || (asked && Layout.isComplete(text, grammar))) {
      reader.callWidget(LineReader.ACCEPT_LINE);
      return true;
    }
    return newLine();
  }

  /** Leaves the cursor behind what was found, so that Enter runs it. */
  private boolean search(String how) {
    reader.callWidget(how);
    Buffer buffer = reader.getBuffer();
    buffer.cursor(buffer.length());
    return true;
  }

  private boolean newLine() {
    Buffer buffer = reader.getBuffer();
    buffer.write("\n" + Layout.indentation(buffer.upToCursor(), grammar));
    return true;
  }

  private boolean tab() {
    String line = lineUpToCursor();
    if (line.isBlank() && !reader.getBuffer().toString().startsWith(":")) {
      reader.getBuffer().write(" ".repeat(grammar.indent() - line.length() % grammar.indent()));
    } else {
      reader.callWidget(LineReader.EXPAND_OR_COMPLETE);
    }
    return true;
  }

  /** Takes back a whole level where there is nothing but indentation. */
  private boolean backspace() {
    String line = lineUpToCursor();
    boolean level = !line.isEmpty() && line.isBlank() && line.length() % grammar.indent() == 0;
    return reader.getBuffer().backspace(level ? grammar.indent() : 1) > 0;
  }

  private String lineUpToCursor() {
    String text = reader.getBuffer().upToCursor();
    return text.substring(text.lastIndexOf('\n') + 1);
  }

  @Override
  public @Nullable String next(Grammar now) {
    grammar = now;
    while (true) {
      String start = prefilled;
      prefilled = "";
      try {
        String text =
            reader.readLine(now.prompt(), null, (Character) null, start.isEmpty() ? null : start);
        if (!text.isBlank()) {
          return text;
        }
      } catch (UserInterruptException e) {
        terminal.writer().println("^C");
      } catch (EndOfFileException e) {
        return null;
      }
    }
  }

  @Override
  public boolean isInteractive() {
    return true;
  }

  @Override
  public void prefill(String text) {
    prefilled = text;
  }

  @Override
  public void onInterrupt(Runnable action) {
    Terminal.SignalHandler _ = terminal.handle(Terminal.Signal.INT, signal -> action.run());
  }

  @Override
  public void close() {
    try {
      terminal.close();
    } catch (IOException e) {
      // Nothing is left to be done with it.
    }
  }
}
