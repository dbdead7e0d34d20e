package dev.capsule.protocol;

/** The value that counts. */
public record RecordStepResult(RawJson result) {}
