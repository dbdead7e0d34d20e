package dev.capsule.sidecar.rpc;

import dev.capsule.sidecar.task.TaskService;
import org.jspecify.annotations.Nullable;

/** A request without an answer yet; it may be cancelled before what it asks for has begun. */
final class PendingRequest {
  private TaskService.@Nullable Running running;
  private boolean cancelled;

  synchronized void started(TaskService.Running started) {
    running = started;
    if (cancelled) {
      started.cancel();
    }
  }

  synchronized void cancel() {
    cancelled = true;
    if (running != null) {
      running.cancel();
    }
  }

  synchronized boolean isCancelled() {
    return cancelled;
  }
}
