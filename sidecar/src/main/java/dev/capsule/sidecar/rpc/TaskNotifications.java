package dev.capsule.sidecar.rpc;

import dev.capsule.protocol.Method;
import dev.capsule.protocol.TaskFinished;
import dev.capsule.protocol.TaskOutput;
import dev.capsule.protocol.TaskQueued;
import dev.capsule.protocol.TaskStarted;
import dev.capsule.sidecar.task.RunListener;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells the client what happens to a run, as far as it asked for it. */
final class TaskNotifications implements RunListener {
  static final String OUTPUT = "output";
  static final String LIFECYCLE = "lifecycle";
  static final List<String> ALL = List.of(OUTPUT, LIFECYCLE);

  private final Outbox out;
  private final boolean output;
  private final boolean lifecycle;

  TaskNotifications(Outbox out, List<String> events) {
    this.out = out;
    this.output = events.contains(OUTPUT);
    this.lifecycle = events.contains(LIFECYCLE);
  }

  @Override
  public void queued(Run run) {
    if (lifecycle) {
      out.notification(Method.TASK_QUEUED, new TaskQueued(run.id(), run.parent(), run.task()));
    }
  }

  @Override
  public void started(Run run, int attempt) {
    if (lifecycle) {
      out.notification(
          Method.TASK_STARTED, new TaskStarted(run.id(), run.parent(), run.task(), attempt));
    }
  }

  @Override
  public void printed(Run run, boolean error, String text) {
    if (!output) {
      return;
    }
    try {
      out.awaitRoom();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the task was stopped; it will see so by itself
    }
    out.notification(
        Method.TASK_OUTPUT,
        new TaskOutput(run.id(), run.parent(), run.task(), error ? "stderr" : "stdout", text));
  }

  @Override
  public void finished(Run run, @Nullable String errorType, long durationMs) {
    if (lifecycle) {
      out.notification(
          Method.TASK_FINISHED,
          new TaskFinished(
              run.id(), run.parent(), run.task(), errorType == null, errorType, durationMs));
    }
  }
}
