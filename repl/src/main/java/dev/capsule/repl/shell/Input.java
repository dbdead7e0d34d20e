package dev.capsule.repl.shell;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where cells and commands come from. */
interface Input extends AutoCloseable {
  /**
   * The next cell or command; null at the end.
   *
   * @param grammar of the language that cells are written in
   */
  @Nullable String next(Grammar grammar) throws IOException;

  /** Whether somebody sits there, who wants a prompt and to see what things cost. */
  boolean isInteractive();

  /** What is typed next begins with this text. */
  void prefill(String text);

  /** What Ctrl-C does while nothing is read. */
  void onInterrupt(Runnable action);

  @Override
  void close();
}
