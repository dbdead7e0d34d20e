package dev.capsule.sidecar.task;

import dev.capsule.protocol.CloseWorkflowParams;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.trace.ActiveSpan;
import dev.capsule.sidecar.trace.Kind;
import dev.capsule.sidecar.trace.Names;
import dev.capsule.sidecar.trace.Status;
import dev.capsule.sidecar.trace.Trace;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The span of a workflow, from its opening to its closing, and those of its program's own steps.
 */
final class WorkflowSpans {
  private final ActiveSpan span;
  private final Map<String, ActiveSpan> steps = new ConcurrentHashMap<>();
  private final Set<String> secrets = new LinkedHashSet<>(); // guarded by itself

  private WorkflowSpans(ActiveSpan span) {
    this.span = span;
  }

  /**
   * The workflow was opened.
   *
   * @param found how it was found, {@code "new"}, {@code "resumed"} or {@code "finished"}
   */
  static WorkflowSpans begin(Trace trace, String id, String found) {
    ActiveSpan span = trace.outside().child(Kind.WORKFLOW, id);
    span.set(Names.WORKFLOW_ID, id)
        .set(Names.GEN_AI_OPERATION, "invoke_workflow")
        .set(Names.GEN_AI_WORKFLOW, id)
        .set(Names.WORKFLOW_FOUND, found);
    return new WorkflowSpans(span);
  }

  /** What its runs are a part of. */
  ActiveSpan span() {
    return span;
  }

  /** Its runs may see these; what it is said to have failed by may hold one. */
  void hide(Collection<String> values) {
    if (span.isRecorded() && !values.isEmpty()) {
      synchronized (secrets) {
        secrets.addAll(values);
      }
    }
  }

  private Redaction redaction() {
    synchronized (secrets) {
      return Redaction.of(secrets);
    }
  }

  /** A step of the program's own begins. */
  void begun(String key, String id, String name) {
    ActiveSpan step = span.child(Kind.STEP, redaction().text(name));
    step.set(Names.STEP_ID, id);
    if (step.isRecorded()) {
      steps.put(key, step);
    }
  }

  /** A step of the program's own has ended. */
  void ended(String key, @Nullable TaskFailure failure) {
    ActiveSpan step = steps.remove(key);
    if (step != null) {
      RunSpans.end(step, failure, redaction());
    }
  }

  /** The outcome of a step of the workflow itself came from an earlier run. */
  void replayed(Begun.Before step) {
    if (span.isRecorded()) {
      replayed(span, step, redaction());
    }
  }

  /** The same of a step in another span. A value that was written down has none. */
  static void replayed(ActiveSpan parent, Begun.Before step, Redaction redaction) {
    if (step.kind().equals(StepIdentity.VALUE)) {
      return;
    }
    Kind kind = step.kind().equals(StepIdentity.STEP) ? Kind.STEP : Kind.TASK;
    ActiveSpan replayed = parent.child(kind, redaction.text(step.name()));
    replayed.set(Names.STEP_ID, step.id()).set(Names.REPLAYED, true);
    RunSpans.end(replayed, step.error(), redaction);
  }

  /** The workflow is closed. */
  void end(CloseWorkflowParams how) {
    switch (how.outcome()) {
      case "failed" -> RunSpans.end(span, Workflows.failure(how.error()), redaction());
      case "finished" -> span.end(Status.OK);
      default -> release();
    }
  }

  /** A workflow that had ended before was only gone through again. */
  void endAgain() {
    span.end(Status.OK);
  }

  /** The workflow was left as it is, or cancelled. */
  void release() {
    span.end(Status.CANCELLED);
  }
}
