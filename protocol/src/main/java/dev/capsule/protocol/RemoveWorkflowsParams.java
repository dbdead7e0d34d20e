package dev.capsule.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Removes workflows that nobody runs.
 *
 * @param id one alone; null: all that fit
 * @param olderThan only those that were last changed before so long a time, {@code "30d"}; null:
 *     all
 * @param states only those; null: whichever
 */
public record RemoveWorkflowsParams(
    String root,
    @Nullable String config,
    @Nullable String id,
    @Nullable String olderThan,
    @Nullable List<String> states) {}
