package dev.capsule.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of the finished steps of a workflow, in the order in which they began.
 *
 * @param next what asks for the next page; null: this was the last
 */
public record ReplayStepsResult(List<ReplayedStep> steps, @Nullable Integer next) {}
