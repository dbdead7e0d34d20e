package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What a client wants of traces where neither the environment nor the configuration says anything.
 *
 * @param store whether they are kept in the store; null: only those of workflows are
 */
public record TraceOptions(@Nullable Boolean store) {}
