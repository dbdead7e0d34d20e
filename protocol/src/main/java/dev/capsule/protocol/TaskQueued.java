package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A run was accepted.
 *
 * @param parent the run that called it, if a task did
 */
public record TaskQueued(String run, @Nullable String parent, String task) {}
