package dev.capsule.sidecar.task;

import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.journal.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What comes of beginning a step. */
sealed interface Begun {
  /** It is to be done. */
  record Now(Step step) implements Begun {}

  /**
   * It was done in an earlier run.
   *
   * @param workflow the workflow's id
   * @param key the step's, in the workflow
   * @param details the execution of its task, as JSON; null: it was no task's
   */
  record Before(String workflow, String key, String name, Outcome outcome, @Nullable String details)
      implements Begun {
    /** Its id among those of all workflows. */
    String id() {
      return workflow + "/" + key;
    }

    @Nullable RawJson result() {
      return outcome.success() ? new RawJson(outcome.json()) : null;
    }

    @Nullable TaskFailure error() {
      return outcome.success() ? null : Json.gson().fromJson(outcome.json(), TaskFailure.class);
    }

    /** The task's envelope, which tells the work of the earlier run. */
    Envelope envelope() {
      Execution then = details == null ? null : Json.gson().fromJson(details, Execution.class);
      Execution now =
          then == null
              ? new Execution(name, 0, 0, null, null, List.of(), null, "", "", id(), true)
              : new Execution(
                  then.taskName(),
                  then.durationMs(),
                  then.retries(),
                  then.fuelConsumed(),
                  then.ramUsed(),
                  then.hostRequests(),
                  then.limits(),
                  then.runId(),
                  then.traceId(),
                  id(),
                  true);
      return new Envelope(outcome.success(), result(), error(), now);
    }
  }
}
