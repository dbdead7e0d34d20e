package dev.capsule.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the workflows of a journal.
 *
 * @param root as in {@link OpenWorkflowParams}
 * @param states only those; null: all
 * @param limit how many at most; null: 100
 */
public record ListWorkflowsParams(
    String root, @Nullable String config, @Nullable List<String> states, @Nullable Integer limit) {}
