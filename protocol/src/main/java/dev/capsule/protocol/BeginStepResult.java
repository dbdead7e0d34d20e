package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a step.
 *
 * @param step what {@link EndStepParams} names it by
 * @param done whether it has ended in an earlier run: it is not to be done again
 * @param success null: it has not ended
 */
public record BeginStepResult(
    String step,
    boolean done,
    @Nullable Boolean success,
    @Nullable RawJson result,
    @Nullable TaskFailure error) {}
