package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * How a tool ended.
 *
 * @param result its value; null if it failed
 * @param error why it failed; null if it did not
 */
public record CallToolResult(@Nullable RawJson result, @Nullable TaskFailure error) {}
