package dev.capsule.repl.shell;

import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.LoadProgramParams;
import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RunTaskParams;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.TaskInfo;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.view.Failures;
import dev.capsule.repl.view.Results;
import dev.capsule.repl.view.Stats;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The tasks of a program: of the file that the user named last, or of the project's entrypoint. */
final class Tasks {
  /** A string or a bracket with spaces in it is one argument. */
  private static final Pattern WORD =
      Pattern.compile(
          "\"(?:[^\"\\\\]|\\\\.)*\"|\\[[^\\n]*?\\](?=\\s|$)|\\{[^\\n]*?\\}(?=\\s|$)|\\S+");

  private final Shell shell;
  private final Host host;
  private String file = "";
  private List<String> names = List.of();

  Tasks(Shell shell, Host host) {
    this.shell = shell;
    this.host = host;
    String named = shell.settings().setup().file();
    if (named != null) {
      file = named;
    }
  }

  List<String> names() {
    return names;
  }

  /** Lists the tasks of a file; an empty name is the last one. */
  void list(String named) throws Refused, RpcException, InterruptedException {
    LoadProgramParams params = program(named);
    LoadProgramResult program = load(params);
    if (!named.isEmpty()) {
      file = named;
    }
    for (TaskInfo task : program.tasks()) {
      shell
          .screen()
          .println(task.name() + task.signature() + "  [" + task.file() + ":" + task.line() + "]");
    }
    if (program.tasks().isEmpty()) {
      shell.screen().printAside("It declares no tasks.");
    }
  }

  private LoadProgramResult load(LoadProgramParams params)
      throws RpcException, InterruptedException {
    LoadProgramResult program =
        shell.cells().ask(Method.LOAD_PROGRAM, params, LoadProgramResult.class);
    names = program.tasks().stream().map(TaskInfo::name).toList();
    return program;
  }

  private LoadProgramParams program(String named)
      throws Refused, RpcException, InterruptedException {
    String wanted = named.isEmpty() ? file : named;
    if (!wanted.isEmpty()) {
      return host.program(wanted);
    }
    @Nullable String entrypoint =
        shell
            .cells()
            .ask(Method.DESCRIBE_CONFIG, shell.settings().toDescribe(), DescribeConfigResult.class)
            .entrypoint();
    if (entrypoint == null) {
      throw new Refused("name a program: :tasks FILE; no capsule.toml names an entrypoint");
    }
    return host.program(entrypoint);
  }

  /** Calls one with arguments by their places. */
  void call(String line) throws Refused, RpcException, InterruptedException {
    List<String> words = WORD.matcher(line).results().map(MatchResult::group).toList();
    String name = words.getFirst();
    String args =
        String.join(",", words.subList(1, words.size()).stream().map(Commands::json).toList());
    LoadProgramResult program = load(program(""));
    Setup setup = shell.settings().setup();
    var params =
        new RunTaskParams(
            program.program(),
            name,
            new RawJson("[" + args + "]"),
            null,
            null,
            setup.ceiling(),
            null,
            setup.env().isEmpty() ? null : setup.env(),
            null,
            null,
            null,
            null,
            null,
            null,
            null);
    Envelope envelope = shell.cells().ask(Method.RUN_TASK, params, Envelope.class);
    TaskFailure failure = envelope.error();
    if (failure != null) {
      shell.screen().printErrorLine(new Failures(file).ofTask(failure, envelope, program));
    } else if (envelope.result() != null && !envelope.result().isNull()) {
      shell.screen().println(Results.format(envelope.result()));
    }
    if (shell.view().showsTimes()) {
      shell.screen().printAside(Stats.of(envelope.execution()));
    }
  }
}
