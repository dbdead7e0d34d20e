package dev.capsule.repl.mcp;

import dev.capsule.protocol.ErrorCode;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.Sidecar;
import org.jspecify.annotations.Nullable;

/** One request of the client while it is carried out, from which it may be cancelled. */
final class Exchange {
  private final Backend backend;
  private final Progress progress;
  private final int bytes;

  // guarded by this
  private @Nullable Sidecar sidecar;
  private Sidecar.@Nullable Call current;
  private boolean cancelled;

  /**
   * @param bytes the size of the request
   */
  Exchange(Backend backend, Progress progress, int bytes) {
    this.backend = backend;
    this.progress = progress;
    this.bytes = bytes;
  }

  Backend backend() {
    return backend;
  }

  Progress progress() {
    return progress;
  }

  int bytes() {
    return bytes;
  }

  /** Asks the sidecar, and waits for its answer. */
  <T> T ask(String method, Object params, Class<T> type) throws RpcException, InterruptedException {
    Sidecar ready = backend.ready();
    Sidecar.Call call;
    synchronized (this) {
      if (cancelled) {
        throw new RpcException(ErrorCode.CANCELLED, "cancelled", null);
      }
      sidecar = ready;
      call = ready.request(method, params);
      current = call;
    }
    return ready.await(call, type);
  }

  /** Stops what goes on. */
  void cancel() {
    progress.end();
    Sidecar asked;
    Sidecar.Call call;
    synchronized (this) {
      cancelled = true;
      asked = sidecar;
      call = current;
    }
    if (asked != null && call != null) {
      asked.cancel(call.id());
    }
  }

  synchronized boolean isCancelled() {
    return cancelled;
  }
}
