package dev.capsule.repl.command;

import dev.capsule.protocol.CloseWorkflowParams;
import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.JournalErrorData;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.OpenWorkflowParams;
import dev.capsule.protocol.OpenWorkflowResult;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RemoveWorkflowsParams;
import dev.capsule.protocol.RemoveWorkflowsResult;
import dev.capsule.protocol.WorkflowRevoked;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.Sidecar;
import dev.capsule.repl.view.CommandWords;
import dev.capsule.repl.view.Screen;
import dev.capsule.repl.view.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A run of a task that is a workflow: begun, gone on with, or found to have finished. */
final class WorkflowRun {
  private final WorkflowArgument argument;
  private final RunRequest request;
  private final ProgramFile file;
  private final @Nullable String config;
  private final Session session;
  private final Screen screen;
  private final Path workingFolder;
  private volatile @Nullable WorkflowRevoked revoked;
  private boolean leftOver;

  /**
   * @param config as in {@link ProgramFile#toLoad}
   */
  WorkflowRun(
      WorkflowArgument argument,
      RunRequest request,
      ProgramFile file,
      @Nullable String config,
      Session session,
      Screen screen,
      Path workingFolder) {
    this.argument = argument;
    this.request = request;
    this.file = file;
    this.config = config;
    this.session = session;
    this.screen = screen;
    this.workingFolder = workingFolder;
  }

  /** Takes note that the workflow is no longer ours. */
  void revoke(WorkflowRevoked notice) {
    revoked = notice;
  }

  /**
   * Runs it, or tells how it ended before.
   *
   * @param program its id, as the sidecar has loaded it
   */
  Envelope run(String program, Sidecar.Listener listener)
      throws RpcException, InterruptedException {
    try {
      return run(open(false), program, listener);
    } catch (RpcException e) {
      if (e.code() != ErrorCode.REPLAY_MISMATCH || !argument.restarts()) {
        throw e;
      }
      screen.printAside(
          "the program has changed since "
              + argument.id()
              + " was begun: starting it from the beginning");
      return run(open(true), program, listener);
    }
  }

  private OpenWorkflowResult open(boolean fresh) throws RpcException, InterruptedException {
    RawJson input = new RawJson(Json.gson().toJson(request.input()));
    var params =
        new OpenWorkflowParams(
            argument.id(),
            file.folder().toString(),
            file.path().toString(),
            config,
            argument.durability(),
            argument.onChange(),
            request.command(),
            workingFolder.toString(),
            input,
            fresh,
            null,
            System.getenv("TRACEPARENT"),
            System.getenv("TRACESTATE"));
    return session.await(Method.OPEN_WORKFLOW, params, OpenWorkflowResult.class);
  }

  private Envelope run(OpenWorkflowResult opened, String program, Sidecar.Listener listener)
      throws RpcException, InterruptedException {
    String handle = opened.workflow();
    if (handle == null) {
      screen.printAside(
          argument.id() + " has finished before: this is the result that was recorded");
      return Envelope.success(
          Objects.requireNonNullElse(opened.result(), RawJson.NULL), recorded());
    }
    if (opened.state().equals("resumed")) {
      screen.printAside(
          "resuming %s: %d %s done before"
              .formatted(argument.id(), opened.steps(), opened.steps() == 1 ? "step" : "steps"));
    }
    Envelope envelope;
    try {
      envelope =
          session.await(Method.RUN_TASK, request.toRun(program, handle), Envelope.class, listener);
    } catch (RpcException e) {
      release(handle);
      throw e;
    }
    close(handle, envelope, opened.state().equals("new"));
    return envelope;
  }

  /** How a run is told that was not needed. */
  private Execution recorded() {
    return new Execution(
        Objects.requireNonNullElse(request.task(), "main"),
        0,
        0,
        null,
        null,
        List.of(),
        null,
        "",
        "",
        null,
        true);
  }

  private void close(String handle, Envelope envelope, boolean isNew)
      throws RpcException, InterruptedException {
    String type = envelope.error() == null ? "" : envelope.error().type();
    if (type.equals(ErrorType.CANCELLED.wireName())) {
      release(handle);
      WorkflowRevoked notice = revoked;
      if (notice != null) {
        throw new RpcException(
            ErrorCode.JOURNAL_ERROR,
            notice.message(),
            new RawJson(Json.gson().toJson(new JournalErrorData(notice.reason(), ""))));
      }
    } else if (isNew && isMistyped(type)) {
      // What was typed can be corrected; nothing was done that is worth keeping.
      release(handle);
      var _ =
          session.await(
              Method.REMOVE_WORKFLOWS,
              new RemoveWorkflowsParams(
                  file.folder().toString(), config, argument.id(), null, null),
              RemoveWorkflowsResult.class);
      leftOver = false;
    } else {
      leftOver = !envelope.success();
      finish(
          new CloseWorkflowParams(
              handle,
              envelope.success() ? "finished" : "failed",
              envelope.result(),
              envelope.error(),
              null));
    }
  }

  private static boolean isMistyped(String type) {
    return type.equals(ErrorType.TASK_NOT_FOUND.wireName())
        || type.equals(ErrorType.INVALID_ARGUMENTS.wireName());
  }

  /** Leaves it for another run. What came before is what the user is told of. */
  private void release(String handle) throws InterruptedException {
    leftOver = true;
    try {
      finish(new CloseWorkflowParams(handle, "released", null, null, null));
    } catch (RpcException e) {
      // It is released by the end of the connection too, or by that of its lease.
    }
  }

  private void finish(CloseWorkflowParams params) throws RpcException, InterruptedException {
    var _ = session.awaitLast(Method.CLOSE_WORKFLOW, params, RawJson.class);
  }

  /** What to type so that it goes on. */
  String resumption() {
    List<String> words = new ArrayList<>(List.of("capsule", "resume", argument.id()));
    if (!file.folder().equals(workingFolder)) {
      words.addAll(List.of("--folder", workingFolder.relativize(file.folder()).toString()));
    }
    String typed = request.config();
    if (typed != null && !typed.isEmpty()) {
      words.addAll(List.of("--config", Shown.path(Path.of(typed), workingFolder)));
    }
    return CommandWords.of(words);
  }

  /** Whether there is something to go on with. */
  boolean canBeResumed() {
    return leftOver && !"off".equals(argument.durability());
  }
}
