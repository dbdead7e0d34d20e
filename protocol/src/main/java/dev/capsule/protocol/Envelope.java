package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * How a task ended.
 *
 * @param result the task's value; null if it failed
 * @param error why it failed; null if it succeeded
 */
public record Envelope(
    boolean success, @Nullable RawJson result, @Nullable TaskFailure error, Execution execution) {

  public static Envelope success(RawJson result, Execution execution) {
    return new Envelope(true, result, null, execution);
  }

  public static Envelope failure(TaskFailure error, Execution execution) {
    return new Envelope(false, null, error, execution);
  }
}
