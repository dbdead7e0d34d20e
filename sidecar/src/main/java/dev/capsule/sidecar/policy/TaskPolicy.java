package dev.capsule.sidecar.policy;

import dev.capsule.protocol.ErrorType;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one task may use; fixed before it starts.
 *
 * @param fuel units of fuel an attempt
 * @param memoryBytes size of the sandbox's memory
 * @param timeout of an attempt
 * @param maxRetries further attempts after a failed one
 * @param retryOn the kinds of failures after which there is another attempt
 * @param maxOutputBytes of stdout and stderr together, an attempt
 * @param maxResultBytes of the result's JSON
 * @param maxDiskBytes what it may write to files, its scratch folder included, an attempt
 * @param mounts the folders and files it may use
 * @param hosts where it may send HTTP requests
 * @param env names of the environment variables it may see
 * @param tools names of the caller's functions it may call
 * @param tasks names of the tasks it may call; null: all of its program
 * @param lowered names of the options that asked for more than the ceiling allows
 */
public record TaskPolicy(
    long fuel,
    long memoryBytes,
    Duration timeout,
    int maxRetries,
    Set<ErrorType> retryOn,
    long maxOutputBytes,
    long maxResultBytes,
    long maxDiskBytes,
    List<Mount> mounts,
    List<HostPattern> hosts,
    List<String> env,
    List<String> tools,
    @Nullable List<String> tasks,
    List<String> lowered) {

  /** Failures that may not happen the next time; all others would only happen again. */
  private static final Set<ErrorType> WORTH_RETRYING =
      EnumSet.of(
          ErrorType.TASK_ERROR,
          ErrorType.TIMEOUT,
          ErrorType.EXIT,
          ErrorType.OVERLOADED,
          ErrorType.WORKER_LOST,
          ErrorType.INTERNAL);

  /** What a task gets that asks for nothing. */
  public static final TaskPolicy DEFAULT =
      new TaskPolicy(
          Compute.MEDIUM,
          256_000_000L,
          Duration.ofMinutes(5),
          0,
          WORTH_RETRYING,
          64_000_000L,
          32_000_000L,
          256_000_000L,
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          null,
          List.of());

  public TaskPolicy {
    Set<ErrorType> types = EnumSet.noneOf(ErrorType.class);
    types.addAll(retryOn);
    retryOn = Collections.unmodifiableSet(types);
    mounts = List.copyOf(mounts);
    hosts = List.copyOf(hosts);
    env = List.copyOf(env);
    tools = List.copyOf(tools);
    tasks = tasks == null ? null : List.copyOf(tasks);
    lowered = List.copyOf(lowered);
  }

  /** The time limit as people write it. */
  public String timeoutText() {
    return Durations.show(timeout);
  }

  /** The memory limit as people write it. */
  public String memoryText() {
    return Sizes.show(memoryBytes);
  }

  /** The limit of what it writes to files as people write it. */
  public String diskText() {
    return Sizes.show(maxDiskBytes);
  }
}
