package dev.capsule.protocol;

/**
 * A workflow is no longer the client's.
 *
 * @param workflow from {@link OpenWorkflowResult}
 * @param reason {@code "cancelled"} or {@code "lost"}
 */
public record WorkflowRevoked(String workflow, String id, String reason, String message) {}
