package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A step of a workflow.
 *
 * @param step its id
 * @param parent the id of the step that called it; null: the workflow did
 * @param kind {@code "task"}, {@code "step"} or {@code "value"}
 * @param args what it was called with, for people: shortened perhaps
 * @param state {@code "started"}, {@code "finished"} or {@code "failed"}
 * @param ended null: it has not
 * @param result null where it is large, too
 * @param execution null where it was not a task's
 */
public record StepInfo(
    String step,
    @Nullable String parent,
    String kind,
    String name,
    String args,
    String state,
    String began,
    @Nullable String ended,
    @Nullable RawJson result,
    @Nullable TaskFailure error,
    @Nullable RawJson execution) {}
