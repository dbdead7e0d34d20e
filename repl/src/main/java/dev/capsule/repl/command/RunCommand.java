package dev.capsule.repl.command;

import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.InvalidParamData;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.SourceErrorData;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.TaskOutput;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.SidecarException;
import dev.capsule.repl.view.Failures;
import dev.capsule.repl.view.Results;
import dev.capsule.repl.view.Screen;
import dev.capsule.repl.view.Spinner;
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
  private final Session session;
  private final Screen screen;
  private final Failures failures;
  private final long startedAt = System.nanoTime();

  private @Nullable LoadProgramResult program;

  RunCommand(RunRequest request, boolean json, Session session, Screen screen) {
    this.request = request;
    this.json = json;
    this.session = session;
    this.screen = screen;
    this.failures = new Failures(request.fileAsTyped());
  }

  /** Returns the exit code. */
  int run() throws InterruptedException {
    try {
      Envelope envelope = runTask();
      if (json) {
        screen.println(Json.gson().toJson(envelope));
      } else if (envelope.success()) {
        showResult(envelope);
      } else {
        show(failures.ofTask(Objects.requireNonNull(envelope.error()), envelope, program));
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

  private Envelope runTask() throws RpcException, InterruptedException {
    try (var _ = new Spinner(screen, "running " + request.fileAsTyped())) {
      program = session.await(Method.LOAD_PROGRAM, request.toLoad(), LoadProgramResult.class);
      return session.await(
          Method.RUN_TASK, request.toRun(program.program()), Envelope.class, this::showOutput);
    }
  }

  private void showOutput(TaskOutput output) {
    if (json || output.stream().equals("stderr")) {
      screen.printError(output.text());
    } else {
      screen.print(output.text());
    }
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
      default -> {
        failed(ErrorType.INTERNAL, message(refusal));
        show(failures.ofSidecar("refused: " + message(refusal)));
        yield ExitCode.SIDECAR_FAILED;
      }
    };
  }

  private int badSource(RpcException refusal) {
    SourceErrorData data = data(refusal, SourceErrorData.class);
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
      show(failures.ofSource(data, request.file()));
    }
    return ExitCode.TASK_FAILED;
  }

  private int badOption(RpcException refusal) {
    failed(ErrorType.INVALID_ARGUMENTS, message(refusal));
    InvalidParamData data = data(refusal, InvalidParamData.class);
    show(data == null ? failures.plain(message(refusal)) : failures.ofOption(data));
    return ExitCode.USAGE;
  }

  /** Stopped by Ctrl-C, which sets the exit code, or because nobody reads any more. */
  private int interrupted() {
    failed(ErrorType.CANCELLED, "interrupted");
    if (!screen.isClosed()) {
      show(failures.plain("interrupted"));
    }
    return ExitCode.TASK_FAILED;
  }

  private static String message(RpcException refusal) {
    return Objects.requireNonNullElse(refusal.getMessage(), "no reason given");
  }

  private static <T> @Nullable T data(RpcException refusal, Class<T> type) {
    return refusal.data() == null ? null : Json.gson().fromJson(refusal.data().text(), type);
  }

  private void failed(ErrorType type, String message) {
    failed(TaskFailure.of(type, message));
  }

  /** With {@code --json}: the envelope of a run that never came to be. */
  private void failed(TaskFailure failure) {
    if (json) {
      long milliseconds = (System.nanoTime() - startedAt) / 1_000_000;
      String task = Objects.requireNonNullElse(request.task(), "main");
      Execution none = new Execution(task, milliseconds, 0, null, null, List.of(), null, "", "");
      screen.println(Json.gson().toJson(Envelope.failure(failure, none)));
    }
  }

  private static int exitCode(TaskFailure failure) {
    return switch (ErrorType.of(failure.type())) {
      case TASK_NOT_FOUND -> ExitCode.USAGE;
      case INTERNAL, WORKER_LOST -> ExitCode.SIDECAR_FAILED;
      case null, default -> ExitCode.TASK_FAILED;
    };
  }
}
