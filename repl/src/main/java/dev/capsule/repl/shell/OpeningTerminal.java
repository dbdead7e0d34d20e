package dev.capsule.repl.shell;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.InfoCmp;
import org.jspecify.annotations.Nullable;

/**
 * The terminal of the process, opened on a thread of its own while the command line is being read:
 * to link the few functions of the C library that this takes is most of what comes before the first
 * prompt.
 */
public final class OpeningTerminal {
  private static final int COLUMNS = 80;
  private static final int ROWS = 24;

  private final FutureTask<Terminal> opening = new FutureTask<>(OpeningTerminal::open);

  private OpeningTerminal() {}

  /**
   * Begins at once.
   *
   * @param terminals those of {@code in}, {@code out} and {@code err} that are one
   * @return null if there is none, or none that an editor can work with
   */
  public static @Nullable OpeningTerminal of(String terminals) {
    boolean both = terminals.contains("in") && terminals.contains("out");
    if (!both || "dumb".equals(System.getenv("TERM"))) {
      return null;
    }
    OpeningTerminal begun = new OpeningTerminal();
    Thread.ofPlatform().daemon().name("terminal-opening").start(begun.opening);
    return begun;
  }

  /** The terminal, once it is open. */
  Terminal terminal() throws IOException, InterruptedException {
    try {
      return opening.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failed) {
        throw failed;
      }
      throw new IllegalStateException("the terminal cannot be opened", e.getCause());
    }
  }

  private static Terminal open() throws IOException {
    String type = System.getenv("TERM");
    String known = type == null ? null : InfoCmp.getDefaultInfoCmp(type);
    if (known != null) {
      InfoCmp.setLoadedInfoCmp(type, known); // it need not run infocmp to know what that can do
    }
    Terminal terminal =
        TerminalBuilder.builder()
            .system(true)
            .provider("ffm")
            .encoding(StandardCharsets.UTF_8)
            .nativeSignals(true)
            // To find out, it would ask the terminal and wait for the answer, a quarter of a second
            // where there is none, and throw away what was typed meanwhile.
            .graphemeCluster(false)
            .build();
    if (terminal.getColumns() == 0 || terminal.getRows() == 0) {
      terminal.setSize(Size.of(COLUMNS, ROWS)); // it does not know how large it is
    }
    return terminal;
  }
}
