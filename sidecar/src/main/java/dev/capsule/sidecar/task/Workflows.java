package dev.capsule.sidecar.task;

import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.BeginStepParams;
import dev.capsule.protocol.BeginStepResult;
import dev.capsule.protocol.CloseWorkflowParams;
import dev.capsule.protocol.EndStepParams;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.OpenWorkflowParams;
import dev.capsule.protocol.OpenWorkflowResult;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RecordStepParams;
import dev.capsule.protocol.RecordStepResult;
import dev.capsule.protocol.ReplayMismatchData;
import dev.capsule.protocol.ReplayStepsParams;
import dev.capsule.protocol.ReplayStepsResult;
import dev.capsule.protocol.StepName;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.WorkflowReplayed;
import dev.capsule.protocol.WorkflowRevoked;
import dev.capsule.sidecar.journal.Journal;
import dev.capsule.sidecar.journal.JournalException;
import dev.capsule.sidecar.journal.OpenWorkflow;
import dev.capsule.sidecar.journal.Opening;
import dev.capsule.sidecar.journal.Outcome;
import dev.capsule.sidecar.journal.WorkflowState;
import dev.capsule.sidecar.trace.Trace;
import dev.capsule.sidecar.trace.TraceContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The workflows that clients have open here. Safe to use from any thread. */
public final class Workflows {
  private static final int MAX_ID = 200;
  private static final int MAX_NAME = 200;
  private static final long PATIENCE_SECONDS = 5;

  private record Open(Workflow workflow, Journal journal, OpenWorkflow state) {}

  private final StoreFinder stores;
  private final Traces traces;
  private final Map<String, Open> open = new HashMap<>();

  Workflows(StoreFinder stores, Traces traces) {
    this.stores = stores;
    this.traces = traces;
  }

  /**
   * Takes a workflow. Blocks.
   *
   * @param revoked told when the workflow must stop
   * @throws RequestException if it cannot be taken
   */
  public OpenWorkflowResult open(OpenWorkflowParams params, Consumer<WorkflowRevoked> revoked) {
    String id = id(params.id());
    Workflow.OnChange onChange = onChange(params.onChange());
    Journal journal = stores.journal(params.root(), params.config(), params.durability());
    String input = params.input() == null ? null : params.input().text();
    try {
      OpenWorkflow state =
          journal.open(
              new Opening(
                  id,
                  Objects.requireNonNullElse(params.file(), ""),
                  Objects.requireNonNullElse(params.folder(), ""),
                  Objects.requireNonNullElse(params.command(), List.of()),
                  input,
                  Boolean.TRUE.equals(params.fresh())));
      return taken(id, state, journal, onChange, params, revoked);
    } catch (JournalException e) {
      throw Workflow.refused(e, journal.place());
    }
  }

  private OpenWorkflowResult taken(
      String id,
      OpenWorkflow state,
      Journal journal,
      Workflow.OnChange onChange,
      OpenWorkflowParams params,
      Consumer<WorkflowRevoked> revoked) {
    String found = state.isNew() ? "new" : "resumed";
    RawJson input = params.input();
    String before = state.input();
    if (input != null
        && before != null
        && !CanonicalJson.hash(input.text()).equals(CanonicalJson.hash(before))) {
      await(state.release());
      if (onChange == Workflow.OnChange.RESTART) {
        var _ = journal.remove(id, null, List.of());
        return open(params, revoked);
      }
      throw otherInput(id, before, input.text());
    }
    long steps = state.steps().stream().filter(step -> step.outcome() != null).count();
    Outcome outcome = state.outcome();
    RawJson result = null;
    if (state.found() == WorkflowState.FINISHED && outcome != null) {
      found = "finished";
      result = new RawJson(outcome.json());
      if (!Boolean.TRUE.equals(params.replay())) {
        await(state.release());
        return new OpenWorkflowResult(null, found, result, steps, state.runs());
      }
    }
    WorkflowSpans spans = WorkflowSpans.begin(trace(params), id, found);
    Workflow workflow = new Workflow(id, journal.place(), state, onChange, spans);
    String handle = Ids.workflow();
    synchronized (open) {
      open.put(handle, new Open(workflow, journal, state));
    }
    state.onRevoked(reason -> {
      RequestException why = revocation(id, reason, journal.place());
      workflow.stop(why);
      revoked.accept(
          new WorkflowRevoked(
              handle,
              id,
              reason.name().toLowerCase(Locale.ROOT),
              String.valueOf(why.getMessage())));
    });
    return new OpenWorkflowResult(handle, found, result, steps, state.runs());
  }

  private Trace trace(OpenWorkflowParams params) {
    Path root = ProgramLoader.folder("root", params.root());
    return traces.begin(
        TraceContext.parse(params.traceparent(), params.tracestate()),
        ProgramLoader.config(ProgramLoader.configFile(root, params.config()), root),
        root,
        true);
  }

  private static RequestException revocation(
      String id, OpenWorkflow.Revocation reason, String place) {
    return switch (reason) {
      case CANCELLED ->
          Workflow.refused(
              new JournalException(
                  JournalException.Kind.CANCELLED, "the workflow \"" + id + "\" was cancelled"),
              place);
      case LOST ->
          Workflow.refused(
              new JournalException(
                  JournalException.Kind.LOST,
                  "the workflow \"" + id + "\" was taken by another run, or its journal is gone"),
              place);
    };
  }

  private static RequestException otherInput(String id, String before, String now) {
    StepName was = new StepName("workflow", id, before);
    StepName asked = new StepName("workflow", id, now);
    return new RequestException(
        ErrorCode.REPLAY_MISMATCH,
        "the workflow \""
            + id
            + "\" was begun with "
            + shortened(before)
            + ", and now it is given "
            + shortened(now)
            + ": use another id, or start it from the beginning (--on-change=restart)",
        new ReplayMismatchData(id, was, asked));
  }

  private static String shortened(String text) {
    return text.length() <= MAX_NAME ? text : text.substring(0, MAX_NAME - 1) + "…";
  }

  /**
   * The open workflow of that handle.
   *
   * @throws RequestException if there is none
   */
  Workflow get(@Nullable String handle) {
    return of(handle).workflow();
  }

  private Open of(@Nullable String handle) {
    synchronized (open) {
      Open found = open.get(handle);
      if (found != null) {
        return found;
      }
    }
    throw RequestException.invalid(
        "workflow",
        handle == null ? null : new JsonPrimitive(shortened(handle)).toString(),
        "must be one that openWorkflow has given and closeWorkflow has not closed");
  }

  /** Ends a workflow, or leaves it. Completes when that is committed. */
  public CompletableFuture<Void> close(CloseWorkflowParams params) {
    Open closing = of(params.workflow());
    Workflow workflow = closing.workflow();
    Outcome outcome = outcome(params);
    synchronized (open) {
      open.remove(params.workflow());
    }
    if (closing.state().found() == WorkflowState.FINISHED) {
      workflow.spans().endAgain();
    } else {
      workflow.spans().end(params);
    }
    if (workflow.isChanged() && workflow.restarts()) {
      return workflow
          .release()
          .thenRun(() -> {
            var _ = closing.journal().remove(workflow.id(), null, List.of());
          });
    }
    if (closing.state().found() == WorkflowState.FINISHED) {
      return workflow.release(); // it was only gone through again
    }
    return switch (params.outcome()) {
      case "finished" -> workflow.finish(outcome);
      case "failed" -> workflow.fail(outcome, params.failedSteps());
      case "cancelled" -> workflow.cancelled();
      default -> workflow.release();
    };
  }

  private static Outcome outcome(CloseWorkflowParams params) {
    String said = Objects.requireNonNullElse(params.outcome(), "");
    if (!List.of("finished", "failed", "cancelled", "released").contains(said)) {
      throw RequestException.invalid(
          "outcome",
          new JsonPrimitive(said).toString(),
          "must be \"finished\", \"failed\", \"cancelled\" or \"released\"");
    }
    return said.equals("failed")
        ? new Outcome(false, Json.gson().toJson(failure(params.error())))
        : new Outcome(true, Objects.requireNonNullElse(params.result(), RawJson.NULL).text());
  }

  static TaskFailure failure(@Nullable TaskFailure said) {
    return said == null ? TaskFailure.of(ErrorType.TASK_ERROR, "it gave no reason") : said;
  }

  /** Leaves all workflows for other runs, because their client has gone. Blocks for a while. */
  public void releaseAll() {
    List<Open> left;
    synchronized (open) {
      left = new ArrayList<>(open.values());
      open.clear();
    }
    left.forEach(each -> each.workflow().spans().release());
    List<CompletableFuture<Void>> released =
        left.stream().map(each -> each.workflow().release()).toList();
    try {
      await(CompletableFuture.allOf(released.toArray(new CompletableFuture<?>[0])));
    } catch (RequestException | JournalException e) {
      // their leases run out
    }
  }

  /** Begins a step of the client's own; the future fails as that of a task's step does. */
  public CompletableFuture<BeginStepResult> begin(BeginStepParams params) {
    Workflow workflow = get(params.workflow());
    return workflow
        .client()
        .begin(
            StepIdentity.of(
                StepIdentity.STEP,
                name(params.name()),
                Objects.requireNonNullElse(params.args(), RawJson.NULL)),
            params.occurrence())
        .thenCompose(begun ->
            switch (begun) {
              case Begun.Now(Step step) -> {
                workflow.spans().begun(step.key(), step.id(), params.name());
                yield step.begun()
                    .thenApply(written -> new BeginStepResult(step.key(), false, null, null, null));
              }
              case Begun.Before done -> {
                workflow.spans().replayed(done);
                yield CompletableFuture.completedFuture(done.ofStep());
              }
            });
  }

  /** Ends a step of the client's own. Completes when that is committed. */
  public CompletableFuture<Void> end(EndStepParams params) {
    Workflow workflow = get(params.workflow());
    String key = Objects.requireNonNullElse(params.step(), "");
    if (!workflow.has(key)) {
      throw RequestException.invalid(
          "step", new JsonPrimitive(shortened(key)).toString(), "must be one that was begun");
    }
    workflow.spans().ended(key, params.success() ? null : failure(params.error()));
    Outcome outcome =
        params.success()
            ? new Outcome(true, Objects.requireNonNullElse(params.result(), RawJson.NULL).text())
            : new Outcome(false, Json.gson().toJson(failure(params.error())));
    return workflow.end(key, outcome, null);
  }

  /** Writes down a value, unless there is one already. */
  public CompletableFuture<RecordStepResult> record(RecordStepParams params) {
    Workflow workflow = get(params.workflow());
    RawJson value = Objects.requireNonNullElse(params.result(), RawJson.NULL);
    return workflow
        .client()
        .begin(
            StepIdentity.of(
                StepIdentity.VALUE,
                name(params.name()),
                Objects.requireNonNullElse(params.args(), RawJson.NULL)),
            params.occurrence())
        .thenCompose(begun ->
            switch (begun) {
              case Begun.Before done -> CompletableFuture.completedFuture(done.ofValue());
              case Begun.Now(Step step) ->
                  workflow
                      .end(step.key(), new Outcome(true, value.text()), null)
                      .thenApply(done -> new RecordStepResult(value));
            });
  }

  /**
   * Hands the outcomes of finished steps to a client that will answer its program itself.
   *
   * @throws RequestException if the workflow is not the client's
   */
  public ReplayStepsResult replaySteps(ReplayStepsParams params) {
    Workflow workflow = get(params.workflow());
    int after = Objects.requireNonNullElse(params.after(), 0);
    if (after < 0) {
      throw RequestException.invalid("after", Integer.toString(after), "must not be negative");
    }
    return ReplayPages.page(workflow, after);
  }

  /** Takes note of steps that the client has answered itself. Does not block. */
  public void replayed(WorkflowReplayed steps) {
    Open found;
    synchronized (open) {
      found = open.get(steps.workflow());
    }
    if (found != null) { // else it was closed in the meantime
      found.workflow().replayed(Objects.requireNonNullElse(steps.steps(), List.of()));
    }
  }

  static String id(@Nullable String id) {
    if (id == null || id.isEmpty() || id.length() > MAX_ID || hasControls(id)) {
      throw RequestException.invalid(
          "id",
          id == null ? null : new JsonPrimitive(shortened(id)).toString(),
          "must be 1 to " + MAX_ID + " characters, none of them a control character");
    }
    return id;
  }

  private static String name(@Nullable String name) {
    if (name == null || name.isEmpty() || name.length() > MAX_NAME || hasControls(name)) {
      throw RequestException.invalid(
          "name",
          name == null ? null : new JsonPrimitive(shortened(name)).toString(),
          "must be 1 to " + MAX_NAME + " characters, none of them a control character");
    }
    return name;
  }

  private static boolean hasControls(String text) {
    return text.chars().anyMatch(Character::isISOControl);
  }

  private static Workflow.OnChange onChange(@Nullable String said) {
    return switch (said == null ? "fail" : said) {
      case "fail" -> Workflow.OnChange.FAIL;
      case "restart" -> Workflow.OnChange.RESTART;
      case "continue" -> Workflow.OnChange.CONTINUE;
      default ->
          throw RequestException.invalid(
              "onChange",
              said == null ? null : new JsonPrimitive(shortened(said)).toString(),
              "must be \"fail\", \"restart\" or \"continue\"");
    };
  }

  /** Waits for what the journal writes. */
  static void await(CompletableFuture<Void> written) {
    try {
      written.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      throw new JournalException(
          JournalException.Kind.UNAVAILABLE, "the journal does not answer; try again");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException problem) {
        throw problem;
      }
      throw new CompletionException(e.getCause());
    }
  }
}
