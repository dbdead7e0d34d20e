package dev.capsule.protocol;

import java.util.List;

/**
 * Steps have come by again that the client has answered itself, by {@link ReplayStepsResult}.
 *
 * @param workflow from {@link OpenWorkflowResult}
 * @param steps their keys
 */
public record WorkflowReplayed(String workflow, List<String> steps) {}
