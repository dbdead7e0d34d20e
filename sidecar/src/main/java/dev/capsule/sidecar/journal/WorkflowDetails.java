package dev.capsule.sidecar.journal;

import java.util.List;

/** A workflow with its steps, in the order in which they began. */
public record WorkflowDetails(WorkflowSummary summary, List<StepRecord> steps) {
  public WorkflowDetails {
    steps = List.copyOf(steps);
  }
}
