package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * How a step of the client's own has ended.
 *
 * @param step from {@link BeginStepResult}
 * @param result null if it failed
 * @param error null if it succeeded
 */
public record EndStepParams(
    String workflow,
    String step,
    boolean success,
    @Nullable RawJson result,
    @Nullable TaskFailure error) {}
