package dev.capsule.repl.command;

import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.InvalidParamData;
import dev.capsule.protocol.JournalErrorData;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.ReplayMismatchData;
import dev.capsule.protocol.SourceErrorData;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.TaskOutput;
import dev.capsule.protocol.WorkflowRevoked;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.Sidecar;
import dev.capsule.repl.client.SidecarException;
import dev.capsule.repl.view.Failures;
import dev.capsule.repl.view.JournalFailures;
import dev.capsule.repl.view.Results;
import dev.capsule.repl.view.Screen;
import dev.capsule.repl.view.Spinner;
import dev.capsule.repl.view.Stats;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * {@code capsule run}: loads a program, runs one of its tasks, shows how it ended. With {@code
 * --json} there is exactly one envelope on standard output, whatever happens.
 */
public final class RunCommand {
  private final RunRequest request;
  private final boolean json;
  private final boolean stats;
  private final Session session;
  private final Screen screen;
  private final Path workingFolder;
  private final long startedAt = System.nanoTime();

  private Failures failures = new Failures("capsule.toml");
  private @Nullable ProgramFile file;
  private @Nullable LoadProgramResult program;
  private @Nullable WorkflowRun workflow;

  /**
   * @param json whether to print an envelope, and nothing else
   * @param stats whether to tell what the run used
   */
  RunCommand(
      RunRequest request,
      boolean json,
      boolean stats,
      Session session,
      Screen screen,
      Path workingFolder) {
    this.request = request;
    this.json = json;
    this.stats = stats;
    this.session = session;
    this.screen = screen;
    this.workingFolder = workingFolder;
  }

  /**
   * Returns the exit code.
   *
   * @throws UsageException if the entrypoint is to be run and there is none
   */
  int run() throws InterruptedException, UsageException {
    try {
      Envelope envelope = runTask();
      if (json) {
        screen.println(Json.gson().toJson(envelope));
      } else if (envelope.success()) {
        showResult(envelope);
      } else {
        show(failures.ofTask(Objects.requireNonNull(envelope.error()), envelope, program));
        tellHowToGoOn();
      }
      if (stats && !envelope.execution().replayed()) {
        screen.printAside(Stats.of(envelope.execution()));
      }
      return envelope.error() == null ? ExitCode.OK : exitCode(envelope.error());
    } catch (RpcException e) {
      return refused(e);
    } catch (SidecarException e) {
      failed(ErrorType.WORKER_LOST, "the sidecar " + e.getMessage());
      show(failures.ofSidecar(Objects.requireNonNull(e.getMessage())));
      return ExitCode.SIDECAR_FAILED;
    }
  }

  private Envelope runTask() throws RpcException, InterruptedException, UsageException {
    ProgramFile toRun = request.program();
    String config = request.config();
    if (toRun == null) {
      Entrypoint entrypoint = Entrypoint.find(session, config, workingFolder);
      toRun = entrypoint.program();
      config = entrypoint.config();
    }
    file = toRun;
    failures = new Failures(toRun.asTyped());
    WorkflowArgument argument = request.workflow();
    workflow =
        argument == null
            ? null
            : new WorkflowRun(argument, request, toRun, config, session, screen, workingFolder);
    String running = "running " + toRun.asTyped();
    try (var spinner = new Spinner(screen, running)) {
      Sidecar.Listener listener = listener(spinner);
      program =
          session.await(
              Method.LOAD_PROGRAM, toRun.toLoad(config), LoadProgramResult.class, listener);
      spinner.say(running);
      if (workflow != null) {
        return workflow.run(program.program(), listener);
      }
      return session.await(
          Method.RUN_TASK, request.toRun(program.program(), null), Envelope.class, listener);
    }
  }

  /** A workflow that has not finished can be gone on with. */
  private void tellHowToGoOn() {
    if (workflow != null && workflow.canBeResumed()) {
      screen.printAside("Go on with it: " + workflow.resumption());
    }
  }

  private Sidecar.Listener listener(Spinner spinner) {
    return new Sidecar.Listener() {
      @Override
      public void printed(TaskOutput output) {
        if (json || output.stream().equals("stderr")) {
          screen.printError(output.text());
        } else {
          screen.print(output.text());
        }
      }

      @Override
      public void progressed(String message) {
        spinner.announce(message);
      }

      @Override
      public void revoked(WorkflowRevoked notice) {
        if (workflow != null) {
          workflow.revoke(notice);
        }
      }
    };
  }

  private void showResult(Envelope envelope) {
    if (envelope.result() != null && !envelope.result().isNull()) {
      screen.println(Results.format(envelope.result()));
    }
  }

  private void show(String failure) {
    if (!json) {
      screen.printErrorLine(failure);
    }
  }

  /** A request that the sidecar could not carry out: told as an envelope all the same. */
  private int refused(RpcException refusal) {
    return switch (refusal.code()) {
      case ErrorCode.SOURCE_ERROR -> badSource(refusal);
      case ErrorCode.INVALID_PARAMS -> badOption(refusal);
      case ErrorCode.CANCELLED -> interrupted();
      case ErrorCode.JOURNAL_ERROR -> badJournal(refusal);
      case ErrorCode.REPLAY_MISMATCH -> changed(refusal);
      default -> {
        failed(ErrorType.INTERNAL, message(refusal));
        show(failures.ofSidecar("refused: " + message(refusal)));
        yield ExitCode.SIDECAR_FAILED;
      }
    };
  }

  private int badSource(RpcException refusal) {
    SourceErrorData data = refusal.data(SourceErrorData.class);
    if (data == null) {
      failed(ErrorType.SOURCE_ERROR, message(refusal));
      show(failures.plain(message(refusal)));
    } else {
      failed(
          new TaskFailure(
              ErrorType.SOURCE_ERROR.wireName(),
              data.message(),
              data.className(),
              data.traceback()));
      show(failures.ofSource(data, file == null ? workingFolder : file.path()));
    }
    return ExitCode.TASK_FAILED;
  }

  private int badOption(RpcException refusal) {
    failed(ErrorType.INVALID_ARGUMENTS, message(refusal));
    InvalidParamData data = refusal.data(InvalidParamData.class);
    Path folder = file == null ? workingFolder : file.folder();
    show(
        data == null
            ? failures.plain(message(refusal))
            : failures.ofOption(data, folder, workingFolder));
    return ExitCode.USAGE;
  }

  /** The journal cannot do what is needed, or somebody else has the workflow. */
  private int badJournal(RpcException refusal) {
    JournalErrorData data = refusal.data(JournalErrorData.class);
    failed(new TaskFailure("journal_error", message(refusal), null, null));
    show(JournalFailures.ofJournal(message(refusal), data, id()));
    return JournalFailures.isOfWorkflow(data) ? ExitCode.TASK_FAILED : ExitCode.SIDECAR_FAILED;
  }

  private int changed(RpcException refusal) {
    ReplayMismatchData data = refusal.data(ReplayMismatchData.class);
    failed(new TaskFailure("replay_mismatch", message(refusal), null, null));
    show(data == null ? failures.plain(message(refusal)) : JournalFailures.ofChange(data, program));
    return ExitCode.TASK_FAILED;
  }

  private String id() {
    return request.workflow() == null ? "" : request.workflow().id();
  }

  /** Stopped by Ctrl-C, which sets the exit code, or because nobody reads any more. */
  private int interrupted() {
    failed(ErrorType.CANCELLED, "interrupted");
    if (!screen.isClosed()) {
      show(failures.plain("interrupted"));
      tellHowToGoOn();
    }
    return ExitCode.TASK_FAILED;
  }

  private static String message(RpcException refusal) {
    return Objects.requireNonNullElse(refusal.getMessage(), "no reason given");
  }

  private void failed(ErrorType type, String message) {
    failed(TaskFailure.of(type, message));
  }

  private void failed(TaskFailure failure) {
    if (json) {
      long milliseconds = (System.nanoTime() - startedAt) / 1_000_000;
      screen.println(envelope(failure, request.task(), milliseconds));
    }
  }

  /** With {@code --json}: the envelope of a run that never came to be. */
  static String envelope(TaskFailure failure, @Nullable String task, long milliseconds) {
    Execution none =
        new Execution(
            Objects.requireNonNullElse(task, "main"),
            milliseconds,
            0,
            null,
            null,
            List.of(),
            null,
            "",
            "",
            null,
            false);
    return Json.gson().toJson(Envelope.failure(failure, none));
  }

  private static int exitCode(TaskFailure failure) {
    return switch (ErrorType.of(failure.type())) {
      case TASK_NOT_FOUND -> ExitCode.USAGE;
      case INTERNAL, WORKER_LOST -> ExitCode.SIDECAR_FAILED;
      case null, default -> ExitCode.TASK_FAILED;
    };
  }
}
