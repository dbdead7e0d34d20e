package dev.capsule.sidecar.task;

import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.CancelWorkflowResult;
import dev.capsule.protocol.DescribeWorkflowResult;
import dev.capsule.protocol.FindWorkflowParams;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.ListWorkflowsParams;
import dev.capsule.protocol.ListWorkflowsResult;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RemoveWorkflowsParams;
import dev.capsule.protocol.RemoveWorkflowsResult;
import dev.capsule.protocol.StepCounts;
import dev.capsule.protocol.StepInfo;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.WorkflowInfo;
import dev.capsule.sidecar.journal.Journal;
import dev.capsule.sidecar.journal.JournalException;
import dev.capsule.sidecar.journal.Outcome;
import dev.capsule.sidecar.journal.StepRecord;
import dev.capsule.sidecar.journal.WorkflowDetails;
import dev.capsule.sidecar.journal.WorkflowState;
import dev.capsule.sidecar.journal.WorkflowSummary;
import dev.capsule.sidecar.policy.Age;
import dev.capsule.sidecar.policy.OptionException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Tells of the workflows that are written down, and tidies up. All methods block. */
public final class WorkflowRecords {
  private static final int LIMIT = 100;
  private static final int MOST = 10_000;

  private final StoreFinder stores;

  WorkflowRecords(StoreFinder stores) {
    this.stores = stores;
  }

  /**
   * Tells which workflows there are.
   *
   * @throws RequestException if the journal cannot be read, or the request is wrong
   */
  public ListWorkflowsResult list(ListWorkflowsParams params) {
    int limit = params.limit() == null ? LIMIT : params.limit();
    if (limit < 1 || limit > MOST) {
      throw RequestException.invalid("limit", Integer.toString(limit), "must be from 1 to " + MOST);
    }
    List<WorkflowState> states = states(params.states());
    return in(
        params.root(),
        params.config(),
        journal ->
            new ListWorkflowsResult(
                journal.place(),
                journal.list(states, limit).stream().map(WorkflowRecords::info).toList()));
  }

  /**
   * Tells of one workflow and its steps.
   *
   * @throws RequestException if there is no such workflow
   */
  public DescribeWorkflowResult describe(FindWorkflowParams params) {
    String id = Workflows.id(params.id());
    return in(
        params.root(),
        params.config(),
        journal -> {
          WorkflowDetails found = required(journal.find(id), id, journal);
          return new DescribeWorkflowResult(
              info(found.summary()), found.steps().stream().map(step -> info(id, step)).toList());
        });
  }

  /**
   * Stops a workflow, wherever it runs.
   *
   * @throws RequestException if there is no such workflow
   */
  public CancelWorkflowResult cancel(FindWorkflowParams params) {
    String id = Workflows.id(params.id());
    return in(
        params.root(),
        params.config(),
        journal -> new CancelWorkflowResult(name(required(journal.cancel(id), id, journal))));
  }

  /**
   * Lets a workflow go on that was cancelled.
   *
   * @throws RequestException if there is no such workflow
   */
  public WorkflowInfo resume(FindWorkflowParams params) {
    String id = Workflows.id(params.id());
    return in(
        params.root(), params.config(), journal -> info(required(journal.revive(id), id, journal)));
  }

  /**
   * Removes workflows.
   *
   * @throws RequestException if the journal cannot be written to, or the request is wrong
   */
  public RemoveWorkflowsResult remove(RemoveWorkflowsParams params) {
    String id = params.id() == null ? null : Workflows.id(params.id());
    Instant before = params.olderThan() == null ? null : before(params.olderThan());
    if (id == null && before == null) {
      throw RequestException.invalid("olderThan", null, "is missing: name workflows, or an age");
    }
    List<WorkflowState> states = states(params.states());
    return in(
        params.root(),
        params.config(),
        journal -> {
          if (id != null) {
            var _ = required(journal.find(id), id, journal);
          }
          return new RemoveWorkflowsResult(journal.remove(id, before, states));
        });
  }

  private static Instant before(String age) {
    try {
      return Instant.now().minus(Age.parse("olderThan", age));
    } catch (OptionException e) {
      throw RequestException.invalidOption(e);
    }
  }

  private <T> T in(@Nullable String root, @Nullable String config, Function<Journal, T> work) {
    Journal journal = stores.journal(root, config, null);
    try {
      return work.apply(journal);
    } catch (JournalException e) {
      throw Workflow.refused(e, journal.place());
    }
  }

  private static <T> T required(@Nullable T found, String id, Journal journal) {
    if (found == null) {
      throw RequestException.invalid(
          "id",
          new JsonPrimitive(id).toString(),
          "is no workflow of the journal " + journal.place());
    }
    return found;
  }

  private static List<WorkflowState> states(@Nullable List<String> names) {
    return names == null
        ? List.of()
        : names.stream().map(WorkflowRecords::state).distinct().toList();
  }

  private static WorkflowState state(@Nullable String name) {
    return Arrays.stream(WorkflowState.values())
        .filter(state -> name(state).equals(name))
        .findFirst()
        .orElseThrow(() ->
            RequestException.invalid(
                "states",
                name == null ? "null" : new JsonPrimitive(name).toString(),
                "must be running, interrupted, finished, failed or cancelled"));
  }

  private static String name(Enum<?> state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static WorkflowInfo info(WorkflowSummary workflow) {
    return new WorkflowInfo(
        workflow.id(),
        name(workflow.state()),
        workflow.program(),
        workflow.folder(),
        workflow.command(),
        workflow.runs(),
        workflow.owner(),
        time(workflow.created()),
        time(workflow.updated()),
        workflow.ended() == null ? null : time(workflow.ended()),
        new StepCounts(workflow.stepsFinished(), workflow.stepsFailed(), workflow.stepsStarted()),
        error(workflow.outcome()));
  }

  private static StepInfo info(String workflow, StepRecord step) {
    String parent = step.intent().parent();
    Outcome outcome = step.outcome();
    return new StepInfo(
        workflow + "/" + step.intent().key(),
        parent == null ? null : workflow + "/" + parent,
        step.intent().kind(),
        step.intent().name(),
        step.intent().args(),
        name(step.state()),
        time(step.began()),
        step.ended() == null ? null : time(step.ended()),
        outcome != null && outcome.success() ? new RawJson(outcome.json()) : null,
        error(outcome),
        step.details() == null ? null : new RawJson(step.details()));
  }

  private static @Nullable TaskFailure error(@Nullable Outcome outcome) {
    return outcome == null || outcome.success()
        ? null
        : Json.gson().fromJson(outcome.json(), TaskFailure.class);
  }

  private static String time(Instant time) {
    return time.truncatedTo(ChronoUnit.MILLIS).toString();
  }
}
