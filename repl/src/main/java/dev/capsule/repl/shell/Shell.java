package dev.capsule.repl.shell;

import dev.capsule.protocol.CellResult;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.TaskOutput;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.Sidecar;
import dev.capsule.repl.client.SidecarException;
import dev.capsule.repl.client.Sidecars;
import dev.capsule.repl.view.Screen;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads, runs, shows, and begins again. */
public final class Shell {
  private final Settings settings;
  private final Sidecars sidecars;
  private final Screen screen;
  private final Map<String, Cells> cells = new HashMap<>(); // by language
  private final Commands commands;
  private final Input input;
  private final CellView view;
  private Grammar grammar;
  private boolean failed;
  private boolean ended;
  private @Nullable CellResult last;

  /**
   * @param terminal whether standard input and output are a terminal
   * @param opening that terminal, if there can be an editor at it
   */
  public Shell(
      Setup setup,
      Sidecars sidecars,
      Host host,
      Screen screen,
      boolean terminal,
      @Nullable OpeningTerminal opening)
      throws IOException, InterruptedException {
    this.settings = new Settings(setup);
    this.sidecars = telling(sidecars);
    this.screen = screen;
    this.grammar = Objects.requireNonNull(Grammar.of(setup.language()), "unknown language");
    this.commands = new Commands(this, host);
    this.input = open(terminal, opening);
    this.view = new CellView(screen, input.isInteractive());
  }

  private Input open(boolean terminal, @Nullable OpeningTerminal opening)
      throws IOException, InterruptedException {
    if (opening == null) {
      return new PlainInput(System.in, terminal ? screen::print : null);
    }
    var completion =
        new Completion(
            this::cells, settings.setup().workingFolder(), Commands.NAMES, commands::taskNames);
    Path history = History.file(settings.setup().workingFolder());
    return new TerminalInput(opening.terminal(), grammar, completion, history);
  }

  /** What is printed is shown at once. */
  private Sidecars telling(Sidecars all) {
    return () -> {
      Sidecar ready = all.ready();
      ready.tell(
          new Sidecar.Listener() {
            @Override
            public void printed(TaskOutput output) {
              if (output.stream().equals("stderr")) {
                screen.printError(output.text());
              } else {
                screen.print(output.text());
              }
            }

            @Override
            public void progressed(String message) {
              screen.printAside(message);
            }
          });
      return ready;
    };
  }

  /**
   * Goes on until the input ends or the user leaves.
   *
   * @return whether a cell or a command failed
   */
  public boolean run() throws IOException, InterruptedException {
    input.onInterrupt(() -> cells().interrupt());
    try (input) {
      warmUp();
      String file = settings.setup().file();
      if (file != null) {
        command(":run " + file);
      }
      while (!ended && !screen.isClosed()) {
        String text = input.next(grammar);
        if (text == null) {
          break;
        }
        cells().resume(); // Ctrl-C was for what came before
        if (text.startsWith(":")) {
          command(text.strip());
        } else {
          cell(text.stripTrailing());
        }
      }
    }
    return failed;
  }

  /**
   * Starts the sidecar and opens the session while the first line is typed: before, they would hold
   * up the prompt where there are few cores. What fails is told by the first cell.
   */
  private void warmUp() {
    Cells first = cells();
    if (input.isInteractive()) {
      Thread _ =
          Thread.ofPlatform()
              .daemon()
              .name("warm-up")
              .start(() -> {
                try {
                  String _ = first.open();
                } catch (RpcException | SidecarException e) {
                  // told when the session is needed
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
    }
  }

  private void command(String text) throws InterruptedException {
    try {
      commands.run(text);
    } catch (Refused e) {
      fail(String.valueOf(e.getMessage()));
    } catch (RpcException e) {
      refused(e);
    } catch (SidecarException e) {
      fail("the sidecar " + e.getMessage());
    }
  }

  /** Runs a cell and shows it. */
  void cell(String code) throws InterruptedException {
    try {
      CellResult result = cells().run(code);
      last = result;
      failed |= !result.success();
      view.show(result);
    } catch (RpcException e) {
      if (e.code() == ErrorCode.UNKNOWN_SESSION) {
        cells().close();
        fail("the session was closed; run the cell again, in a new one");
      } else {
        refused(e);
      }
    } catch (SidecarException e) {
      fail(
          "the sidecar " + e.getMessage() + "\n  The next cell begins with nothing, in a new one.");
    }
  }

  private void refused(RpcException refusal) {
    String message = Refusal.text(refusal);
    if (refusal.code() == ErrorCode.CANCELLED) {
      screen.printErrorLine("interrupted");
      failed = true;
    } else {
      fail(message);
    }
  }

  private void fail(String message) {
    failed = true;
    screen.printErrorLine("capsule: " + message);
  }

  Cells cells() {
    return cells(grammar);
  }

  private synchronized Cells cells(Grammar of) {
    return cells.computeIfAbsent(of.language(), each -> new Cells(of, settings, sidecars));
  }

  void speak(Grammar other) {
    grammar = other;
  }

  void leave() {
    ended = true;
  }

  Grammar grammar() {
    return grammar;
  }

  Settings settings() {
    return settings;
  }

  Screen screen() {
    return screen;
  }

  CellView view() {
    return view;
  }

  Input input() {
    return input;
  }

  @Nullable CellResult last() {
    return last;
  }
}
