package dev.capsule.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ends a workflow, or leaves it for another run.
 *
 * @param workflow from {@link OpenWorkflowResult}
 * @param outcome {@code "finished"}, {@code "failed"}, {@code "cancelled"} or {@code "released"}
 * @param result of a finished one
 * @param error of a failed one
 * @param failedSteps those whose failure is the workflow's: they are run again with it; null: those
 *     that failed last
 */
public record CloseWorkflowParams(
    String workflow,
    String outcome,
    @Nullable RawJson result,
    @Nullable TaskFailure error,
    @Nullable List<String> failedSteps) {}
