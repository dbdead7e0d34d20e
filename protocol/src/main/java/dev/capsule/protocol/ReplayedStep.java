package dev.capsule.protocol;

/**
 * A step that an earlier run has finished.
 *
 * @param key what it is known by in its workflow
 * @param reply JSON text of what the request that begins the step is answered with: an {@link
 *     Envelope}, a {@link BeginStepResult} or a {@link RecordStepResult}
 */
public record ReplayedStep(String key, String reply) {}
