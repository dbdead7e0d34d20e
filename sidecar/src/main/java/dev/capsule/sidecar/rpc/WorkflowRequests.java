package dev.capsule.sidecar.rpc;

import com.google.gson.JsonParseException;
import dev.capsule.protocol.BeginStepParams;
import dev.capsule.protocol.CloseWorkflowParams;
import dev.capsule.protocol.EndStepParams;
import dev.capsule.protocol.FindWorkflowParams;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.ListWorkflowsParams;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.OpenWorkflowParams;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RecordStepParams;
import dev.capsule.protocol.RemoveWorkflowsParams;
import dev.capsule.protocol.ReplayStepsParams;
import dev.capsule.protocol.WorkflowReplayed;
import dev.capsule.sidecar.task.RequestException;
import dev.capsule.sidecar.task.TaskService;
import dev.capsule.sidecar.task.WorkflowRecords;
import dev.capsule.sidecar.task.Workflows;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The requests about workflows. */
final class WorkflowRequests {
  static final Set<String> METHODS =
      Set.of(
          Method.OPEN_WORKFLOW,
          Method.CLOSE_WORKFLOW,
          Method.BEGIN_STEP,
          Method.END_STEP,
          Method.RECORD_STEP,
          Method.REPLAY_STEPS,
          Method.LIST_WORKFLOWS,
          Method.DESCRIBE_WORKFLOW,
          Method.CANCEL_WORKFLOW,
          Method.RESUME_WORKFLOW,
          Method.REMOVE_WORKFLOWS);

  /** Of one notification. It keeps the reader's thread busy. */
  private static final int MAX_REPLAYED_CHARS = 1 << 20;

  private final Workflows open;
  private final WorkflowRecords records;
  private final Outbox out;

  WorkflowRequests(TaskService service, Outbox out) {
    this.open = service.workflows();
    this.records = service.records();
    this.out = out;
  }

  /**
   * Carries out a request. May block.
   *
   * @return completes with its result
   * @throws RequestException if it cannot be carried out
   */
  CompletableFuture<? extends @Nullable Object> handle(Incoming.Request request) {
    String method = request.method();
    return switch (method) {
      case Method.OPEN_WORKFLOW ->
          now(
              open.open(
                  Connection.params(request, OpenWorkflowParams.class),
                  revoked -> out.notification(Method.WORKFLOW_REVOKED, revoked)));
      case Method.CLOSE_WORKFLOW ->
          open.close(Connection.params(request, CloseWorkflowParams.class));
      case Method.BEGIN_STEP -> open.begin(Connection.params(request, BeginStepParams.class));
      case Method.END_STEP -> open.end(Connection.params(request, EndStepParams.class));
      case Method.RECORD_STEP -> open.record(Connection.params(request, RecordStepParams.class));
      case Method.REPLAY_STEPS ->
          now(open.replaySteps(Connection.params(request, ReplayStepsParams.class)));
      case Method.LIST_WORKFLOWS ->
          now(records.list(Connection.params(request, ListWorkflowsParams.class)));
      case Method.DESCRIBE_WORKFLOW ->
          now(records.describe(Connection.params(request, FindWorkflowParams.class)));
      case Method.CANCEL_WORKFLOW ->
          now(records.cancel(Connection.params(request, FindWorkflowParams.class)));
      case Method.RESUME_WORKFLOW ->
          now(records.resume(Connection.params(request, FindWorkflowParams.class)));
      case Method.REMOVE_WORKFLOWS ->
          now(records.remove(Connection.params(request, RemoveWorkflowsParams.class)));
      default -> throw new IllegalArgumentException(method);
    };
  }

  /**
   * Takes note of steps that the client has answered itself. It is for the reader's thread: what
   * the client sends next relies on it. A notification that is not one is passed over.
   */
  void replayed(RawJson params) {
    if (params.text().length() > MAX_REPLAYED_CHARS) {
      return;
    }
    try {
      open.replayed(Json.gson().fromJson(params.text(), WorkflowReplayed.class));
    } catch (JsonParseException | IllegalStateException e) {
      // nobody waits for an answer that could tell so
    }
  }

  private static <T> CompletableFuture<T> now(T result) {
    return CompletableFuture.completedFuture(result);
  }

  /** The client has gone. */
  void close() {
    open.releaseAll();
  }
}
