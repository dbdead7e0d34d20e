package dev.capsule.sidecar.journal;

/**
 * How a step or a workflow ended.
 *
 * @param success whether {@code json} is its result; else it is its error
 */
public record Outcome(boolean success, String json) {}
