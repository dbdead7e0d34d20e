package dev.capsule.sidecar.task;

import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.journal.Outcome;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** A step of a workflow that is to be done. */
final class Step implements Steps {
  private final Workflow workflow;
  private final String key;

  Step(Workflow workflow, String key) {
    this.workflow = workflow;
    this.key = key;
  }

  /** What its task may use as an idempotency key: the same whenever the step is run again. */
  String id() {
    return workflow.id() + "/" + key;
  }

  String key() {
    return key;
  }

  Workflow workflow() {
    return workflow;
  }

  @Override
  public StepScope attempt() {
    return workflow.scopeOf(key);
  }

  /** Writes down how it ended; completes when that is committed. */
  CompletableFuture<Void> end(Envelope envelope) {
    TaskFailure failure = envelope.error();
    RawJson result = envelope.result();
    Outcome outcome =
        failure == null
            ? new Outcome(true, Objects.requireNonNullElse(result, RawJson.NULL).text())
            : new Outcome(false, Json.gson().toJson(failure));
    return workflow.end(key, outcome, Json.gson().toJson(envelope.execution()));
  }
}
