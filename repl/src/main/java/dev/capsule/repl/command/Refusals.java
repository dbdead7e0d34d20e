package dev.capsule.repl.command;

import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.InvalidParamData;
import dev.capsule.protocol.JournalErrorData;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.SidecarException;
import dev.capsule.repl.view.Failures;
import dev.capsule.repl.view.JournalFailures;
import dev.capsule.repl.view.Screen;
import java.nio.file.Path;

/** Tells why a command about workflows could not be carried out. */
final class Refusals {
  private final Screen screen;
  private final Path workingFolder;
  private final Failures failures = new Failures("capsule.toml");

  Refusals(Screen screen, Path workingFolder) {
    this.screen = screen;
    this.workingFolder = workingFolder;
  }

  /**
   * The sidecar refused a request.
   *
   * @param id of the workflow that it was about; empty: none
   * @return the exit code
   */
  int tell(RpcException refusal, String id) {
    String message = String.valueOf(refusal.getMessage());
    return switch (refusal.code()) {
      case ErrorCode.INVALID_PARAMS -> {
        InvalidParamData data = refusal.data(InvalidParamData.class);
        yield fail(ExitCode.USAGE, data == null ? failures.plain(message) : wrong(data));
      }
      case ErrorCode.JOURNAL_ERROR -> {
        JournalErrorData data = refusal.data(JournalErrorData.class);
        int code =
            JournalFailures.isOfWorkflow(data) ? ExitCode.TASK_FAILED : ExitCode.SIDECAR_FAILED;
        yield fail(code, JournalFailures.ofJournal(message, data, id));
      }
      case ErrorCode.CANCELLED -> fail(ExitCode.TASK_FAILED, failures.plain("interrupted"));
      default -> fail(ExitCode.SIDECAR_FAILED, failures.ofSidecar("refused: " + message));
    };
  }

  /** The sidecar does not work. */
  int tell(SidecarException problem) {
    return fail(ExitCode.SIDECAR_FAILED, failures.ofSidecar(String.valueOf(problem.getMessage())));
  }

  private String wrong(InvalidParamData data) {
    return switch (data.field()) {
      case "id" -> failures.plain(value(data) + " " + data.allowed());
      case "olderThan" -> failures.plain("--older-than " + value(data) + ": " + data.allowed());
      default -> failures.ofOption(data, workingFolder, workingFolder);
    };
  }

  private static String value(InvalidParamData data) {
    return data.value() == null ? "" : data.value().text();
  }

  private int fail(int code, String text) {
    screen.printErrorLine(text);
    return code;
  }
}
