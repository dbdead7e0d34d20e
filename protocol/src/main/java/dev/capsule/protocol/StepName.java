package dev.capsule.protocol;

/**
 * What a step is told by.
 *
 * @param kind as in {@link StepInfo}
 * @param args shortened perhaps
 */
public record StepName(String kind, String name, String args) {}
