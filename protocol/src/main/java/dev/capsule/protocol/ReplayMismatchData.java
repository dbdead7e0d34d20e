package dev.capsule.protocol;

/**
 * What a workflow's program does now, and what it did.
 *
 * @param workflow its id
 */
public record ReplayMismatchData(String workflow, StepName recorded, StepName asked) {}
