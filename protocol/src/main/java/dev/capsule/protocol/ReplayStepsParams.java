package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Asks for the finished steps of an open workflow, a page at a time.
 *
 * @param workflow from {@link OpenWorkflowResult}
 * @param after {@link ReplayStepsResult#next} of the page before; null: the first
 */
public record ReplayStepsParams(String workflow, @Nullable Integer after) {}
