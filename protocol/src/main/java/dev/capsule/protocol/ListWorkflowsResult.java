package dev.capsule.protocol;

import java.util.List;

/**
 * Workflows, those changed last first.
 *
 * @param journal where they are written down, for people
 */
public record ListWorkflowsResult(String journal, List<WorkflowInfo> workflows) {}
