package dev.capsule.repl.mcp;

import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.InvalidParamData;
import dev.capsule.protocol.Limits;
import dev.capsule.protocol.SourceErrorData;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.repl.client.RpcException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Failures told to a model: what happened, where, and what it can do, or must ask its user to. */
final class FailureText {
  private static final int MAX_TRACEBACK = 12_000;

  /** How the sandbox's own errors say that a grant is missing. */
  private static final String NOT_GRANTED = " is not granted";

  private FailureText() {}

  /** Of something that ran. */
  static String of(TaskFailure failure, Execution execution) {
    StringBuilder text = new StringBuilder(failure.type()).append(": ");
    if (failure.className() != null && !failure.message().startsWith(failure.className())) {
      text.append(failure.className()).append(failure.message().isEmpty() ? "" : ": ");
    }
    text.append(failure.message());
    String traceback = failure.traceback() == null ? "" : failure.traceback().strip();
    if (!traceback.isEmpty()) {
      text.append("\n\n").append(Texts.cut(traceback, MAX_TRACEBACK));
    }
    String advice =
        (failure.message() + traceback).contains(NOT_GRANTED)
            ? advice(ErrorType.POLICY_DENIED, null)
            : advice(ErrorType.of(failure.type()), execution.limits());
    return advice.isEmpty() ? text.toString() : text.append("\n\n").append(advice).toString();
  }

  private static String advice(@Nullable ErrorType type, @Nullable Limits limits) {
    return switch (type) {
      case TIMEOUT ->
          "What to do: do less in one call"
              + (limits == null ? "" : ", which may take " + seconds(limits.timeoutMs()))
              + ". Only the user can raise the limit (timeout).";
      case OUT_OF_FUEL ->
          "What to do: compute less in one call, or use a better algorithm. Only the user can raise"
              + " the limit (compute).";
      case OUT_OF_MEMORY ->
          "What to do: keep less in memory at once"
              + (limits == null ? "" : "; there are " + limits.ram() / 1_000_000 + " MB")
              + ". Only the user can raise the limit (ram).";
      case STACK_OVERFLOW -> "What to do: use a loop instead, or check that the recursion ends.";
      case POLICY_DENIED ->
          "What to do: do without it, or ask the user to grant it: in the task's options, or for code"
              + " that you write by --allow-host, --mount or --env of `capsule mcp`.";
      case OVERLOADED -> "What to do: try again a little later, with fewer calls at once.";
      case INTERNAL, WORKER_LOST ->
          "This is a fault of Capsule, not of the code. Try once more; then tell the user.";
      case null, default -> "";
    };
  }

  private static String seconds(long milliseconds) {
    return String.format(Locale.ROOT, "%.1f s", milliseconds / 1000.0);
  }

  /** Of a request that the sidecar could not carry out. */
  static String of(RpcException refusal) {
    String message = String.valueOf(refusal.getMessage());
    return switch (refusal.code()) {
      case ErrorCode.SOURCE_ERROR -> {
        SourceErrorData data = refusal.data(SourceErrorData.class);
        yield "source_error: " + (data == null ? message : source(data));
      }
      case ErrorCode.INVALID_PARAMS -> {
        InvalidParamData data = refusal.data(InvalidParamData.class);
        yield "invalid_arguments: "
            + (data == null
                ? message
                : (data.where() == null ? "" : data.where() + ": ")
                    + data.field()
                    + (data.value() == null ? "" : " " + Texts.cut(data.value().text(), 300))
                    + ": "
                    + data.allowed());
      }
      case ErrorCode.UNKNOWN_SESSION -> unknownSession();
      case ErrorCode.OVERLOADED ->
          "overloaded: " + message + "\n\nWhat to do: try again a little later.";
      case ErrorCode.CANCELLED -> "cancelled: " + message;
      default -> message;
    };
  }

  static String unknownSession() {
    return "unknown_session: it was closed, or idle for too long, or its sidecar died.\n\nWhat to do:"
        + " session_create opens another one; names and files must be made again.";
  }

  private static String source(SourceErrorData error) {
    StringBuilder text = new StringBuilder();
    if (error.file() != null) {
      text.append(error.file());
      if (error.line() != null) {
        text.append(':').append(error.line());
        if (error.column() != null) {
          text.append(':').append(error.column());
        }
      }
      text.append(": ");
    }
    if (error.className() != null && !error.message().contains(error.className())) {
      text.append(error.className()).append(": ");
    }
    text.append(error.message().strip());
    String traceback = error.traceback() == null ? "" : error.traceback().strip();
    if (!traceback.isEmpty()) {
      text.append("\n\n").append(Texts.cut(traceback, MAX_TRACEBACK));
    }
    return text.toString();
  }
}
