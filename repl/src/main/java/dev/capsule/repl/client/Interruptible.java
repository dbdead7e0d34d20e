package dev.capsule.repl.client;

import dev.capsule.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Requests that are waited for, one after the other, and that any thread can stop. Safe to use from
 * any thread.
 */
public final class Interruptible {
  private final Sidecars sidecars;

  // guarded by this
  private @Nullable Sidecar asked;
  private Sidecar.@Nullable Call current;
  private boolean interrupted;

  public Interruptible(Sidecars sidecars) {
    this.sidecars = sidecars;
  }

  /**
   * Asks the sidecar, and waits for its answer.
   *
   * @throws RpcException also if it was interrupted before
   */
  public <T> T ask(String method, Object params, Class<T> type)
      throws RpcException, InterruptedException {
    Sidecar ready = sidecars.ready();
    Sidecar.Call call;
    synchronized (this) {
      if (interrupted) {
        throw new RpcException(ErrorCode.CANCELLED, "interrupted", null);
      }
      call = ready.request(method, params);
      asked = ready;
      current = call;
    }
    try {
      return ready.await(call, type);
    } finally {
      synchronized (this) {
        current = null;
      }
    }
  }

  /** Stops what is waited for, and what is asked later. */
  public synchronized void interrupt() {
    interrupted = true;
    if (asked != null && current != null) {
      asked.cancel(current.id());
    }
  }

  /** What is asked from now on is carried out again. */
  public synchronized void resume() {
    interrupted = false;
  }

  public synchronized boolean isInterrupted() {
    return interrupted;
  }
}
