package dev.capsule.sidecar.task;

import dev.capsule.protocol.BeginStepResult;
import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RecordStepResult;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.journal.Outcome;
import java.util.List;
import java.util.Objects;
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
   * @param kind as {@link StepIdentity} has it
   * @param details the execution of its task, as JSON; null: it was no task's
   */
  record Before(
      String workflow,
      String key,
      String kind,
      String name,
      Outcome outcome,
      @Nullable String details)
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

    /**
     * What the request that begins it is answered with, as JSON. Thousands are made at once: what
     * is JSON already is not read where that can be helped.
     */
    String reply() {
      return switch (kind) {
        case StepIdentity.STEP -> Json.gson().toJson(ofStep());
        case StepIdentity.VALUE -> Json.gson().toJson(ofValue());
        default -> {
          String end = ",\"step_id\":" + Json.gson().toJson(id()) + ",\"replayed\":";
          yield outcome.success() && details != null && details.endsWith(end + "false}")
              ? "{\"success\":true,\"result\":"
                  + outcome.json()
                  + ",\"error\":null,\"execution\":"
                  + details.substring(0, details.length() - "false}".length())
                  + "true}}"
              : Json.gson().toJson(envelope());
        }
      };
    }

    BeginStepResult ofStep() {
      return new BeginStepResult(key, true, outcome.success(), result(), error());
    }

    RecordStepResult ofValue() {
      return new RecordStepResult(Objects.requireNonNullElse(result(), RawJson.NULL));
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
