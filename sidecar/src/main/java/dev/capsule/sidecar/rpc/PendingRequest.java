package dev.capsule.sidecar.rpc;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A request without an answer yet; it may be cancelled before what it asks for has begun. */
final class PendingRequest {
  private final long size;
  private @Nullable Runnable stop;
  private final long begun = System.nanoTime();
  private boolean cancelled;
  private boolean tells;

  /**
   * @param size of its message
   */
  PendingRequest(long size) {
    this.size = size;
  }

  /** Since it came. */
  long milliseconds() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
  }

  long size() {
    return size;
  }

  /** What it asks for has begun; {@code stop} ends that. */
  synchronized void started(Runnable stop) {
    this.stop = stop;
    if (cancelled) {
      stop.run();
    }
  }

  /** Its result says itself that it was cancelled, and more than that. */
  synchronized void tellCancelled() {
    tells = true;
  }

  synchronized boolean tellsCancelled() {
    return tells;
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
