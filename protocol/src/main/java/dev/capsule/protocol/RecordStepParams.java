package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Writes down a value, or asks for the one that was written down.
 *
 * @param result the value, if there is none yet
 * @param occurrence how many steps of the same name and arguments the client has begun before;
 *     null: as many as the sidecar has seen
 */
public record RecordStepParams(
    String workflow,
    String name,
    @Nullable RawJson args,
    @Nullable RawJson result,
    @Nullable Integer occurrence) {}
