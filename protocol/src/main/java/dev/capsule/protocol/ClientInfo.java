package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/** Who is at the other end of the pipe. */
public record ClientInfo(String name, @Nullable String version) {}
