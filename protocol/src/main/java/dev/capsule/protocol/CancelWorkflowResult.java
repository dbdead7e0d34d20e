package dev.capsule.protocol;

/**
 * What was found when a workflow was to be cancelled.
 *
 * @param state as in {@link WorkflowInfo}
 */
public record CancelWorkflowResult(String state) {}
