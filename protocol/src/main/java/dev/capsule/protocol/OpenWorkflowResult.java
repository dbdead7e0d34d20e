package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A workflow that was opened.
 *
 * @param workflow what further requests name it by; null: it has ended, and is not open
 * @param state {@code "new"}, {@code "resumed"} or {@code "finished"}
 * @param result of a finished one; else null
 * @param steps how many have ended
 * @param runs how many times it was opened, this one included
 */
public record OpenWorkflowResult(
    @Nullable String workflow, String state, @Nullable RawJson result, long steps, int runs) {}
