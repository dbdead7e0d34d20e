package dev.capsule.protocol;

/** How many steps a workflow has, by state. */
public record StepCounts(long finished, long failed, long started) {}
