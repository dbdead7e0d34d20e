package dev.capsule.sidecar.task;

import dev.capsule.protocol.CallToolParams;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.RawJson;
import java.util.concurrent.CompletableFuture;

/** Runs functions of the client's process. Safe to use from any thread. */
public interface ToolCaller {
  /**
   * Asks the client to run a tool; returns at once.
   *
   * @return completes with what the client answered, unchecked, or with {@link NotCalledException}.
   *     Whoever cancels it wants the tool to be stopped
   */
  CompletableFuture<RawJson> call(CallToolParams params);

  /** A tool of which nobody can tell how it ended. */
  final class NotCalledException extends Exception {
    private static final long serialVersionUID = 1;
    private final ErrorType type;

    /**
     * @param message what happened and what to do, for people
     */
    public NotCalledException(ErrorType type, String message) {
      super(message, null, false, false);
      this.type = type;
    }

    public ErrorType type() {
      return type;
    }
  }
}
