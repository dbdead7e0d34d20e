package dev.capsule.sidecar.policy;

import java.time.Duration;
import java.util.List;

/**
 * What one task may use; fixed before it starts.
 *
 * @param fuel units of fuel an attempt
 * @param memoryBytes size of the sandbox's memory
 * @param timeout of an attempt
 * @param maxRetries further attempts after a failed one
 * @param maxOutputBytes of stdout and stderr together, an attempt
 * @param maxResultBytes of the result's JSON
 * @param mounts the folders it may use
 */
public record TaskPolicy(
    long fuel,
    long memoryBytes,
    Duration timeout,
    int maxRetries,
    long maxOutputBytes,
    long maxResultBytes,
    List<Mount> mounts) {

  /** What a task gets that asks for nothing. */
  public static final TaskPolicy DEFAULT =
      new TaskPolicy(
          Compute.MEDIUM,
          256_000_000L,
          Duration.ofMinutes(5),
          0,
          64_000_000L,
          32_000_000L,
          List.of());

  public TaskPolicy {
    mounts = List.copyOf(mounts);
  }

  /** The time limit as people write it. */
  public String timeoutText() {
    return Durations.show(timeout);
  }

  /** The memory limit as people write it. */
  public String memoryText() {
    return Sizes.show(memoryBytes);
  }
}
