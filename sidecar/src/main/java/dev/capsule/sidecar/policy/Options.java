package dev.capsule.sidecar.policy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Options as a decorator or a caller writes them, each null where nothing is said. Options win in
 * this order: built-in defaults, then the decorator's, then the caller's.
 */
public final class Options {
  /** Says nothing. */
  public static final Options NONE =
      new Options(null, null, null, null, null, null, List.of(), null);

  private static final long MIB = 1L << 20;
  private static final long MIN_MEMORY = 40_000_000L;
  private static final long MAX_MEMORY = 4096 * MIB;
  private static final long MAX_OUTPUT = 1024 * MIB;
  private static final long MAX_RESULT = 64_000_000L;
  private static final int MAX_RETRIES = 100;
  private static final Set<String> OF_TASKS =
      new TreeSet<>(
          Set.of(
              "compute",
              "ram",
              "timeout",
              "max_retries",
              "max_output",
              "max_result",
              "allowed_files",
              "allowed_hosts"));
  private static final Set<String> OF_CALLERS = with(OF_TASKS, "mounts");

  /** Grants that this version does not give; named here so that the answer is not "unknown". */
  private static final Set<String> NOT_GIVEN = Set.of("env_variables", "tools", "tasks");

  private final @Nullable Long fuel;
  private final @Nullable Long memoryBytes;
  private final @Nullable Duration timeout;
  private final @Nullable Integer maxRetries;
  private final @Nullable Long maxOutputBytes;
  private final @Nullable Long maxResultBytes;
  private final List<Mount> mounts;
  private final @Nullable List<HostPattern> hosts;

  private Options(
      @Nullable Long fuel,
      @Nullable Long memoryBytes,
      @Nullable Duration timeout,
      @Nullable Integer maxRetries,
      @Nullable Long maxOutputBytes,
      @Nullable Long maxResultBytes,
      List<Mount> mounts,
      @Nullable List<HostPattern> hosts) {
    this.fuel = fuel;
    this.memoryBytes = memoryBytes;
    this.timeout = timeout;
    this.maxRetries = maxRetries;
    this.maxOutputBytes = maxOutputBytes;
    this.maxResultBytes = maxResultBytes;
    this.mounts = mounts;
    this.hosts = hosts;
  }

  /**
   * Reads the options of a decorator.
   *
   * @param root the program's folder, which {@code allowed_files} must lie in
   */
  public static Options ofTask(JsonObject options, Path root) throws OptionException {
    return parse(options, OF_TASKS, root);
  }

  /**
   * Reads the options of whoever runs a task.
   *
   * @param root what relative folders start at
   */
  public static Options ofCaller(@Nullable JsonObject options, Path root) throws OptionException {
    return options == null || options.isEmpty() ? NONE : parse(options, OF_CALLERS, root);
  }

  private static Options parse(JsonObject options, Set<String> known, Path root)
      throws OptionException {
    Long fuel = null;
    Long memoryBytes = null;
    Duration timeout = null;
    Integer maxRetries = null;
    Long maxOutputBytes = null;
    Long maxResultBytes = null;
    List<Mount> mounts = new ArrayList<>();
    List<HostPattern> hosts = null;
    for (Map.Entry<String, JsonElement> option : options.entrySet()) {
      String name = option.getKey();
      JsonElement value = option.getValue();
      if (NOT_GIVEN.contains(name)) {
        if (!isEmpty(value)) {
          throw new OptionException(
              name, value.toString(), "is not available in this version of Capsule; leave it out");
        }
        continue;
      }
      if (!known.contains(name)) {
        throw new OptionException(
            name, value.toString(), "is not an option; " + Names.suggest(name, known));
      }
      if (value.isJsonNull()) {
        continue;
      }
      switch (name) {
        case "compute" -> fuel = Compute.parse(name, value);
        case "ram" -> memoryBytes = Sizes.parse(name, value, MIN_MEMORY, MAX_MEMORY);
        case "timeout" -> timeout = Durations.parse(name, value);
        case "max_retries" -> maxRetries = count(name, value, MAX_RETRIES);
        case "max_output" -> maxOutputBytes = Sizes.parse(name, value, 0, MAX_OUTPUT);
        case "max_result" -> maxResultBytes = Sizes.parse(name, value, 1, MAX_RESULT);
        case "allowed_files" -> Mounts.add(mounts, name, value, root, true);
        case "mounts" -> Mounts.add(mounts, name, value, root, false);
        case "allowed_hosts" -> hosts = hosts(name, value);
        default -> throw new IllegalStateException("an option without a reader: " + name);
      }
    }
    return new Options(
        fuel, memoryBytes, timeout, maxRetries, maxOutputBytes, maxResultBytes, mounts, hosts);
  }

  /** These options where they say something, else what {@code base} says; folders add up. */
  public TaskPolicy over(TaskPolicy base) {
    List<Mount> all = new ArrayList<>(mounts);
    for (Mount mount : base.mounts()) {
      if (all.stream().noneMatch(own -> own.guest().equals(mount.guest()))) {
        all.add(mount);
      }
    }
    return new TaskPolicy(
        fuel == null ? base.fuel() : fuel,
        memoryBytes == null ? base.memoryBytes() : memoryBytes,
        timeout == null ? base.timeout() : timeout,
        maxRetries == null ? base.maxRetries() : maxRetries,
        maxOutputBytes == null ? base.maxOutputBytes() : maxOutputBytes,
        maxResultBytes == null ? base.maxResultBytes() : maxResultBytes,
        base.maxDiskBytes(),
        all,
        hosts == null ? base.hosts() : hosts,
        base.env(),
        base.tools(),
        base.tasks(),
        base.lowered());
  }

  private static List<HostPattern> hosts(String field, JsonElement value) throws OptionException {
    if (!(value instanceof JsonArray entries)) {
      throw new OptionException(field, value.toString(), "must be a list of hosts");
    }
    List<HostPattern> hosts = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      hosts.add(HostPattern.parse(field + "[" + i + "]", entries.get(i)));
    }
    return hosts;
  }

  private static int count(String field, JsonElement value, int max) throws OptionException {
    if (value instanceof JsonPrimitive primitive && primitive.isNumber()) {
      try {
        BigDecimal number = new BigDecimal(primitive.getAsString());
        if (number.signum() >= 0
            && number.compareTo(BigDecimal.valueOf(max)) <= 0
            && number.stripTrailingZeros().scale() <= 0) {
          return number.intValueExact();
        }
      } catch (NumberFormatException e) {
        // an exponent of more digits than a BigDecimal can have: told below
      }
    }
    throw new OptionException(field, value.toString(), "must be a whole number from 0 to " + max);
  }

  private static boolean isEmpty(JsonElement value) {
    return value.isJsonNull() || (value.isJsonArray() && value.getAsJsonArray().isEmpty());
  }

  private static Set<String> with(Set<String> names, String more) {
    Set<String> all = new TreeSet<>(names);
    all.add(more);
    return all;
  }
}
