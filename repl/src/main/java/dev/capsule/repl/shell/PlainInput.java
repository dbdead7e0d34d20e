package dev.capsule.repl.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/**
 * Lines from a file, a pipe, or a terminal that can do nothing but lines. Without a prompt a cell
 * ends where the next statement begins, so that files need no empty lines that a person would type.
 */
final class PlainInput implements Input {
  private static final String CONTINUED = "... ";

  private final BufferedReader lines;
  private final @Nullable Consumer<String> prompts;
  private String pushedBack = "";

  /**
   * @param prompts shows one; null: nobody sits there
   */
  PlainInput(InputStream in, @Nullable Consumer<String> prompts) {
    this.lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    this.prompts = prompts;
  }

  @Override
  public @Nullable String next(Grammar grammar) throws IOException {
    StringBuilder cell = new StringBuilder(pushedBack);
    pushedBack = "";
    while (true) {
      if (prompts != null) {
        prompts.accept(cell.isEmpty() ? grammar.prompt() : CONTINUED);
      }
      String line = lines.readLine();
      if (line == null) {
        return cell.isEmpty() ? null : cell.toString();
      }
      if (cell.isEmpty()) {
        if (line.isBlank()) {
          continue;
        }
        if (line.startsWith(":")) {
          return line;
        }
      } else if (prompts == null && beginsAnother(cell.toString(), line, grammar)) {
        pushedBack = line;
        return cell.toString();
      } else {
        cell.append('\n');
      }
      cell.append(line);
      if (prompts != null && Layout.isComplete(cell.toString(), grammar)) {
        return cell.toString();
      }
    }
  }

  private static boolean beginsAnother(String cell, String line, Grammar grammar) {
    return cell.startsWith(":")
        || (Layout.isClosed(cell, grammar) && !Layout.goesOn(line, grammar));
  }

  @Override
  public boolean isInteractive() {
    return prompts != null;
  }

  @Override
  public void prefill(String text) {
    // There is no line to edit.
  }

  @Override
  public void onInterrupt(Runnable action) {
    Object _ = Signals.register("INT", action);
  }

  @Override
  public void close() {
    // The process's own stream is left to the process.
  }
}
