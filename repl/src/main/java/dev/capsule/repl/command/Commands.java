package dev.capsule.repl.command;

import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.repl.shell.OpeningTerminal;
import dev.capsule.repl.view.Screen;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reads the command line and carries out what it says. */
public final class Commands {
  private final CommandLine tree;
  private final Screen screen;
  private final @Nullable Session session;
  private final @Nullable OpeningTerminal terminal;
  private final Path workingFolder = Path.of("").toAbsolutePath();

  /**
   * @param session the sidecar of commands that need one
   * @param terminal that of {@code repl}, if it is run at one
   */
  public Commands(
      CommandLine tree,
      Screen screen,
      @Nullable Session session,
      @Nullable OpeningTerminal terminal) {
    this.tree = tree;
    this.screen = screen;
    this.session = session;
    this.terminal = terminal;
  }

  /** Returns the exit code. */
  public int run(String... args) throws InterruptedException {
    try {
      return dispatch(tree.parseArgs(args));
    } catch (ParameterException e) {
      return wrongUsage(describe(e), args);
    } catch (UsageException e) {
      return wrongUsage(String.valueOf(e.getMessage()), args);
    }
  }

  /** Who asked for an envelope gets one, whatever else is wrong with the command line. */
  private int wrongUsage(String problem, String... args) {
    List<String> words = Arrays.asList(args);
    int end = words.indexOf("--");
    List<String> options = end < 0 ? words : words.subList(0, end);
    if (!options.isEmpty() && options.getFirst().equals("run") && options.contains("--json")) {
      TaskFailure failure = TaskFailure.of(ErrorType.INVALID_ARGUMENTS, problem);
      screen.println(RunCommand.envelope(failure, null, 0));
    } else {
      screen.printErrorLine("capsule: " + problem);
    }
    return ExitCode.USAGE;
  }

  private int dispatch(ParseResult line) throws UsageException, InterruptedException {
    if (line.isVersionHelpRequested()) {
      screen.println(tree.getCommandSpec().version()[0]);
      return ExitCode.OK;
    }
    ParseResult command = line.subcommand();
    if (line.isUsageHelpRequested() || command == null) {
      if (!line.isUsageHelpRequested()) {
        screen.printErrorLine(usage(tree).stripTrailing());
        return ExitCode.USAGE;
      }
      return help(tree);
    }
    if (command.isUsageHelpRequested()) {
      return help(command.commandSpec().commandLine());
    }
    return switch (command.commandSpec().name()) {
      case "run" -> {
        int code = runCommand(command).run();
        yield screen.isClosed() ? ExitCode.OUTPUT_CLOSED : code;
      }
      case "config" -> new ConfigCommand(command, sidecar(), screen, workingFolder).run();
      case "runs" -> new RunsCommand(command, sidecar(), screen, workingFolder).run();
      case "resume" -> new ResumeCommand(command, sidecar(), screen, workingFolder).run();
      case "cancel" -> new CancelCommand(command, sidecar(), screen, workingFolder).run();
      case "rm" -> new RemoveCommand(command, sidecar(), screen, workingFolder).run();
      case "init" -> new InitCommand(command, screen, workingFolder).run();
      case "trace" -> trace(command);
      case "repl" -> new ReplCommand(command, sidecar(), screen, workingFolder, terminal).run();
      case "mcp" -> new McpCommand(command, sidecar(), screen, workingFolder, version()).run();
      case "doctor" -> new Doctor(sidecar(), screen).run();
      case "help" -> helpOn(command);
      default ->
          throw new UsageException(
              "`capsule " + command.commandSpec().name() + "` is done by the launcher");
    };
  }

  private RunCommand runCommand(ParseResult command) throws UsageException {
    return new RunCommand(
        RunRequest.of(command, workingFolder),
        command.hasMatchedOption("--json"),
        command.hasMatchedOption("--stats"),
        sidecar(),
        screen,
        workingFolder);
  }

  private int trace(ParseResult command) throws UsageException, InterruptedException {
    ParseResult what = command.subcommand();
    if (what == null) {
      screen.printErrorLine(usage(command.commandSpec().commandLine()).stripTrailing());
      return ExitCode.USAGE;
    }
    if (what.isUsageHelpRequested()) {
      return help(what.commandSpec().commandLine());
    }
    int code = new TraceCommand(what, sidecar(), screen, workingFolder).run();
    return screen.isClosed() ? ExitCode.OUTPUT_CLOSED : code;
  }

  private String version() {
    return tree.getCommandSpec().version()[0].replaceFirst("^capsule ", "");
  }

  private Session sidecar() {
    return Objects.requireNonNull(session, "no sidecar was started for this command");
  }

  private int helpOn(ParseResult command) throws UsageException {
    String name = command.matchedPositionalValue(0, (String) null);
    if (name == null) {
      return help(tree);
    }
    CommandLine about = tree.getSubcommands().get(name);
    if (about == null) {
      throw new UsageException(
          "there is no command " + name + "; there are " + String.join(", ", commandNames()));
    }
    return help(about);
  }

  private List<String> commandNames() {
    return List.copyOf(tree.getSubcommands().keySet());
  }

  private int help(CommandLine command) {
    if (command.getCommandSpec().name().equals("run")) {
      RunSyntax.groupHelp(command);
    }
    screen.print(usage(command));
    return ExitCode.OK;
  }

  private static String usage(CommandLine command) {
    StringWriter text = new StringWriter();
    command.usage(new PrintWriter(text));
    return text.toString();
  }

  private String describe(ParameterException problem) {
    String path = problem.getCommandLine().getCommandSpec().qualifiedName();
    String more = "\n  See: " + path + " --help";
    if (problem instanceof UnmatchedArgumentException unmatched) {
      String word = unmatched.getUnmatched().getFirst();
      boolean option = word.startsWith("-");
      String what = option ? "unknown option " : "unknown command ";
      String near =
          unmatched.getSuggestions().stream()
              .map(text -> text.replaceFirst("^" + path + " ", ""))
              .collect(Collectors.joining(" or "));
      return what
          + word
          + (near.isEmpty() ? "" : "; did you mean " + near + "?")
          + (option && path.endsWith(" run") ? "\n  To pass it to the task, write it after --" : "")
          + more;
    }
    return problem.getMessage() + more;
  }
}
