package dev.capsule.protocol;

/** The {@code data} of an unknown-program error. */
public record UnknownProgramData(String program) {}
