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
  private final CompletableFuture<Void> begun;

  /**
   * @param begun completes when it is written down that it begins, if anybody must wait for that
   */
  Step(Workflow workflow, String key, CompletableFuture<Void> begun) {
    this.workflow = workflow;
    this.key = key;
    this.begun = begun;
  }

  /** Completes when it may be done: whoever ends it finds that it has begun. */
  CompletableFuture<Void> begun() {
    return begun;
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
