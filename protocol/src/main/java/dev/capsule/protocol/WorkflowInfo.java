package dev.capsule.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A workflow. Times are ISO 8601.
 *
 * @param state {@code "running"}, {@code "interrupted"}, {@code "finished"}, {@code "failed"} or
 *     {@code "cancelled"}
 * @param command the program and its arguments that run it again; empty: nobody knows
 * @param owner the process that has it, for people; null: none
 * @param ended null: it has not
 * @param error of a failed one
 */
public record WorkflowInfo(
    String id,
    String state,
    String program,
    String folder,
    List<String> command,
    int runs,
    @Nullable String owner,
    String created,
    String updated,
    @Nullable String ended,
    StepCounts steps,
    @Nullable TaskFailure error) {}
