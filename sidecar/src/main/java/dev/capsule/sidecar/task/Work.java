package dev.capsule.sidecar.task;

import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.sandbox.Attempt;
import dev.capsule.sidecar.sandbox.AttemptListener;
import dev.capsule.sidecar.sandbox.Engine;
import org.jspecify.annotations.Nullable;

/** What the attempts of a run do in their sandboxes, and what comes of it. */
sealed interface Work permits Invocation, CellWork {
  /**
   * Begins an attempt.
   *
   * @param tree stands for the run that a client asked for and all that it leads to
   * @param depth how many tasks, each waiting for the next, wait for it
   * @param context what it is told of itself
   * @throws IllegalStateException if the engine is closed
   */
  Attempt start(
      Engine engine, RunTree tree, int depth, CallContext context, AttemptListener listener);

  /** Characters of a result that is worth reading. */
  long maxResultChars();

  /** Why a result cannot be taken; null: it can. */
  @Nullable TaskFailure objection(RawJson result);
}
