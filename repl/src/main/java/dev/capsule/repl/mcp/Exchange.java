package dev.capsule.repl.mcp;

import dev.capsule.repl.client.Interruptible;
import dev.capsule.repl.client.RpcException;

/** One request of the client while it is carried out, from which it may be cancelled. */
final class Exchange {
  private final Backend backend;
  private final Progress progress;
  private final int bytes;

  private final Interruptible requests;

  /**
   * @param bytes the size of the request
   */
  Exchange(Backend backend, Progress progress, int bytes) {
    this.backend = backend;
    this.requests = new Interruptible(backend::ready);
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
    return requests.ask(method, params, type);
  }

  /** Stops what goes on. */
  void cancel() {
    progress.end();
    requests.interrupt();
  }

  boolean isCancelled() {
    return requests.isInterrupted();
  }
}
