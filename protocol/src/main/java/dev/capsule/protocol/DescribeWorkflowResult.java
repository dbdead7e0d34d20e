package dev.capsule.protocol;

import java.util.List;

/** A workflow with its steps, in the order in which they began. */
public record DescribeWorkflowResult(WorkflowInfo workflow, List<StepInfo> steps) {}
