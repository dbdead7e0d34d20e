package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A task printed.
 *
 * @param stream {@code "stdout"} or {@code "stderr"}
 */
public record TaskOutput(
    String run, @Nullable String parent, String task, String stream, String text) {}
