package dev.capsule.sidecar.task;

import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.policy.DeniedException;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.Ending;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says in users' terms how an attempt failed. */
final class Failures {
  private Failures() {}

  static TaskFailure denied(DeniedException e) {
    return TaskFailure.of(ErrorType.POLICY_DENIED, String.valueOf(e.getMessage()));
  }

  static TaskFailure cancelled() {
    return TaskFailure.of(ErrorType.CANCELLED, "Task was cancelled");
  }

  /**
   * The failure of code that was asked to end, as its sandbox tells it.
   *
   * @param said null: it has succeeded all the same
   * @param timeout whether its time had run out
   */
  static @Nullable TaskFailure interrupted(
      @Nullable TaskFailure said, boolean timeout, TaskPolicy policy) {
    if (said == null) {
      return null;
    }
    TaskFailure plain =
        timeout
            ? TaskFailure.of(
                ErrorType.TIMEOUT, "Cell exceeded " + policy.timeoutText() + " timeout limit")
            : TaskFailure.of(ErrorType.CANCELLED, "Cell was interrupted");
    return new TaskFailure(plain.type(), plain.message(), said.className(), said.traceback());
  }

  /** The failure behind an ending that is no reply. */
  static TaskFailure of(Ending ending, TaskPolicy policy) {
    return switch (ending) {
      case Ending.TimedOut ignored ->
          TaskFailure.of(
              ErrorType.TIMEOUT, "Task exceeded " + policy.timeoutText() + " timeout limit");
      case Ending.OutOfFuel ignored ->
          TaskFailure.of(
              ErrorType.OUT_OF_FUEL,
              String.format(
                  Locale.ROOT,
                  "Task used up its compute limit of %,d units of fuel; give it more with compute=",
                  policy.fuel()));
      case Ending.OutOfMemory ignored ->
          TaskFailure.of(
              ErrorType.OUT_OF_MEMORY,
              "Task needs more than its memory limit of "
                  + policy.memoryText()
                  + "; give it more with ram=");
      case Ending.StackOverflow ignored ->
          TaskFailure.of(ErrorType.STACK_OVERFLOW, "Task recursed too deeply");
      case Ending.Exited(int code, Ending.Usage ignored) ->
          TaskFailure.of(ErrorType.EXIT, "Task ended its process with exit code " + code);
      case Ending.Trapped(String message, Ending.Usage ignored) ->
          TaskFailure.of(
              ErrorType.TASK_ERROR, "Task did what the sandbox does not allow: " + message);
      case Ending.OutOfDisk ignored ->
          TaskFailure.of(
              ErrorType.POLICY_DENIED,
              "Task wrote more than its max_disk of "
                  + policy.diskText()
                  + " to files; "
                  + (policy.lowered().contains("max_disk")
                      ? "it asks for more, but the ceiling allows no more"
                      : "give it more with max_disk="));
      case Ending.TooManyOpen(int max, Ending.Usage ignored) ->
          TaskFailure.of(
              ErrorType.POLICY_DENIED,
              "Task had more than "
                  + max
                  + " files, streams and folders open at once; close each when it is done with");
      case Ending.NoHandles ignored ->
          TaskFailure.of(
              ErrorType.OVERLOADED,
              "The tasks that run have so many files open that no more can be opened; have fewer"
                  + " open at once, or allow the sidecar more (ulimit -n)");
      case Ending.Cancelled ignored -> cancelled();
      case Ending.Denied(String message, Ending.Usage ignored) ->
          TaskFailure.of(
              ErrorType.POLICY_DENIED, "Task cannot get what it was granted: " + message);
      case Ending.Failed(Throwable cause, Ending.Usage ignored) ->
          TaskFailure.of(ErrorType.INTERNAL, "Capsule failed to run the task: " + cause);
      case Ending.Replied _, Ending.Interrupted _ ->
          throw new IllegalArgumentException("a reply is no failure");
    };
  }
}
