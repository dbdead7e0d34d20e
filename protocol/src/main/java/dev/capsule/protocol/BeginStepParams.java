package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Says that the client begins a step of its own.
 *
 * @param workflow from {@link OpenWorkflowResult}
 * @param args what tells it from other steps of its name; null: nothing does
 * @param occurrence how many steps of the same name and arguments the client has begun before;
 *     null: as many as the sidecar has seen
 */
public record BeginStepParams(
    String workflow, String name, @Nullable RawJson args, @Nullable Integer occurrence) {}
