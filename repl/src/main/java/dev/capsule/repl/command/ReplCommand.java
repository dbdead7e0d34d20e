package dev.capsule.repl.command;

import dev.capsule.protocol.LoadProgramParams;
import dev.capsule.repl.shell.Host;
import dev.capsule.repl.shell.OpeningTerminal;
import dev.capsule.repl.shell.Refused;
import dev.capsule.repl.shell.Setup;
import dev.capsule.repl.shell.Shell;
import dev.capsule.repl.view.Screen;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** {@code capsule repl}: the interactive room, or cells from a pipe. */
final class ReplCommand {
  private final Setup setup;
  private final Session session;
  private final Screen screen;
  private final Path workingFolder;
  private final @Nullable OpeningTerminal opening;

  ReplCommand(
      ParseResult line,
      Session session,
      Screen screen,
      Path workingFolder,
      @Nullable OpeningTerminal opening)
      throws UsageException {
    String typed = line.matchedPositionalValue(0, (String) null);
    ProgramFile file = typed == null ? null : ProgramFile.of(typed, workingFolder);
    RunPolicy policy = RunPolicy.of(line, workingFolder, System.getenv());
    if (policy.options().has("max_retries")) {
      throw new UsageException("--max-retries: a cell runs once");
    }
    this.setup =
        new Setup(
            language(line, file),
            typed,
            workingFolder,
            ConfigArgument.of(line, workingFolder),
            policy.options(),
            policy.ceiling(),
            policy.env());
    this.session = session;
    this.screen = screen;
    this.workingFolder = workingFolder;
    this.opening = opening;
  }

  private static String language(ParseResult line, @Nullable ProgramFile file)
      throws UsageException {
    String typed = line.matchedOptionValue("--lang", (String) null);
    if (typed == null) {
      return file == null ? Language.PYTHON.wireName() : file.language().wireName();
    }
    return switch (typed.toLowerCase(Locale.ROOT)) {
      case "python", "py" -> Language.PYTHON.wireName();
      case "javascript", "js", "typescript", "ts" -> Language.JAVASCRIPT.wireName();
      default -> throw new UsageException("--lang " + typed + ": give python or javascript");
    };
  }

  /** Returns the exit code. */
  int run() throws InterruptedException {
    // A terminal on one side only is none: what is typed and what is shown belong together.
    boolean keyboard = System.getProperty("capsule.terminals", "").contains("in");
    boolean terminal = keyboard && screen.outIsTerminal();
    try {
      var shell = new Shell(setup, session::ready, new OwnHost(), screen, terminal, opening);
      boolean failed = shell.run();
      return failed && !terminal ? ExitCode.TASK_FAILED : ExitCode.OK;
    } catch (IOException e) {
      screen.printErrorLine("capsule: standard input cannot be read: " + e.getMessage());
      return ExitCode.SIDECAR_FAILED;
    }
  }

  private final class OwnHost implements Host {
    @Override
    public String mount(String typed) throws Refused {
      try {
        return MountArgument.toOption(typed, workingFolder);
      } catch (UsageException e) {
        throw new Refused(String.valueOf(e.getMessage()).replaceFirst("^--mount ", ":mount "));
      }
    }

    @Override
    public LoadProgramParams program(String file) throws Refused {
      try {
        return ProgramFile.of(file, workingFolder).toLoad(setup.config());
      } catch (UsageException e) {
        throw new Refused(String.valueOf(e.getMessage()));
      }
    }
  }
}
