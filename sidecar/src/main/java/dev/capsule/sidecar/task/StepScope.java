package dev.capsule.sidecar.task;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The steps that one caller begins in one attempt: the workflow itself, or a step of it that calls
 * tasks. Safe to use from any thread.
 */
final class StepScope {
  private final Workflow workflow;
  private final @Nullable String parent;
  private final Map<StepIdentity, Integer> occurrences = new HashMap<>();

  /**
   * @param parent the key of the step that calls; null: the workflow itself does
   */
  StepScope(Workflow workflow, @Nullable String parent) {
    this.workflow = workflow;
    this.parent = parent;
  }

  /**
   * Begins a step, or finds it done. The future completes at once but where a changed program is
   * suspected, and by {@link RequestException} where it must not begin.
   */
  CompletableFuture<Begun> begin(StepIdentity identity) {
    return begin(identity, null);
  }

  /**
   * As above.
   *
   * @param occurrence how many steps of the same identity the caller has begun before; null: as
   *     many as have come here
   */
  CompletableFuture<Begun> begin(StepIdentity identity, @Nullable Integer occurrence) {
    if (occurrence != null && occurrence < 0) {
      throw RequestException.invalid("occurrence", occurrence.toString(), "must not be negative");
    }
    int number;
    synchronized (occurrences) {
      number = occurrence != null ? occurrence : occurrences.merge(identity, 1, Integer::sum) - 1;
    }
    return workflow.begin(identity, parent, identity.key(parent, number));
  }
}
