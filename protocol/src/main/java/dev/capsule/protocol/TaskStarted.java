package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * An attempt has its sandbox.
 *
 * @param attempt from 0
 */
public record TaskStarted(String run, @Nullable String parent, String task, int attempt) {}
