package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Names a workflow of a journal.
 *
 * @param root as in {@link OpenWorkflowParams}
 */
public record FindWorkflowParams(String root, @Nullable String config, String id) {}
