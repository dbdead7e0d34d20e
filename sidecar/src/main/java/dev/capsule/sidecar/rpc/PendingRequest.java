package dev.capsule.sidecar.rpc;

import org.jspecify.annotations.Nullable;

/** A request without an answer yet; it may be cancelled before what it asks for has begun. */
final class PendingRequest {
  private @Nullable Runnable stop;
  private boolean cancelled;

  /** What it asks for has begun; {@code stop} ends that. */
  synchronized void started(Runnable stop) {
    this.stop = stop;
    if (cancelled) {
      stop.run();
    }
  }

  synchronized void cancel() {
    cancelled = true;
    if (stop != null) {
      stop.run();
    }
  }

  synchronized boolean isCancelled() {
    return cancelled;
  }
}
