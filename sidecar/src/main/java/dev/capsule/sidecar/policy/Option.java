package dev.capsule.sidecar.policy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.ErrorType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One option of tasks: its name, how it is read and shown, and what holds if nobody says. */
final class Option<T> {
  private static final long MIB = 1L << 20;
  private static final long MIN_MEMORY = 40_000_000L;
  private static final long MAX_MEMORY = 4096 * MIB;
  private static final long MAX_OUTPUT = 1024 * MIB;
  private static final long MAX_RESULT = 64_000_000L;
  private static final long MAX_DISK = 1024L * 1024 * MIB;
  private static final int MAX_RETRIES_EVER = 100;
  private static final TaskPolicy DEFAULT = TaskPolicy.DEFAULT;

  static final Option<Long> COMPUTE =
      limit("compute", DEFAULT.fuel(), Compute::parse, Compute::show);
  static final Option<Long> RAM = size("ram", DEFAULT.memoryBytes(), MIN_MEMORY, MAX_MEMORY);
  static final Option<Duration> TIMEOUT =
      limit(
          "timeout",
          DEFAULT.timeout(),
          Durations::parse,
          time -> new JsonPrimitive(Durations.show(time)));
  static final Option<Integer> MAX_RETRIES =
      limit(
          "max_retries",
          DEFAULT.maxRetries(),
          (field, value) -> Counts.parse(field, value, MAX_RETRIES_EVER),
          JsonPrimitive::new);
  static final Option<Set<ErrorType>> RETRY_ON =
      list("retry_on", DEFAULT.retryOn(), (field, value, base) -> RetryOn.parse(field, value));
  static final Option<Long> MAX_OUTPUT_BYTES =
      size("max_output", DEFAULT.maxOutputBytes(), 0, MAX_OUTPUT);
  static final Option<Long> MAX_RESULT_BYTES =
      size("max_result", DEFAULT.maxResultBytes(), 1, MAX_RESULT);
  static final Option<Long> MAX_DISK_BYTES = size("max_disk", DEFAULT.maxDiskBytes(), 0, MAX_DISK);
  static final Option<List<Mount>> ALLOWED_FILES =
      list("allowed_files", List.of(), (field, value, base) -> mounts(field, value, base, true));
  static final Option<List<HostPattern>> ALLOWED_HOSTS =
      list("allowed_hosts", List.of(), (field, value, base) -> NameLists.hosts(field, value));
  static final Option<List<String>> ENV_VARIABLES =
      list("env_variables", List.of(), (field, value, base) -> NameLists.variables(field, value));
  static final Option<List<String>> TOOLS =
      list("tools", List.of(), (field, value, base) -> NameLists.names(field, value));

  /** Unlike all others it may be left unsaid for good: then a task may call any of its program. */
  static final Option<List<String>> TASKS =
      list("tasks", null, (field, value, base) -> NameLists.names(field, value));

  /** What the caller adds to {@link #ALLOWED_FILES}; it may lie anywhere. */
  static final Option<List<Mount>> MOUNTS =
      list("mounts", List.of(), (field, value, base) -> mounts(field, value, base, false));

  /** What tasks may say, in the order in which it is told. */
  static final List<Option<?>> OF_TASKS =
      List.of(
          COMPUTE,
          RAM,
          TIMEOUT,
          MAX_RETRIES,
          RETRY_ON,
          MAX_OUTPUT_BYTES,
          MAX_RESULT_BYTES,
          MAX_DISK_BYTES,
          ALLOWED_FILES,
          ALLOWED_HOSTS,
          ENV_VARIABLES,
          TOOLS,
          TASKS);

  /** Makes a value of what is written. */
  interface Reader<T> {
    /** Relative paths start at {@code base}. */
    T read(String field, JsonElement written, Path base) throws OptionException;
  }

  private interface LimitReader<T> {
    T read(String field, JsonElement written) throws OptionException;
  }

  private final String name;
  private final @Nullable T standard;
  private final Reader<T> reader;
  private final @Nullable Function<T, JsonElement> writer;

  private Option(
      String name,
      @Nullable T standard,
      Reader<T> reader,
      @Nullable Function<T, JsonElement> writer) {
    this.name = name;
    this.standard = standard;
    this.reader = reader;
    this.writer = writer;
  }

  private static <T> Option<T> limit(
      String name, T standard, LimitReader<T> reader, Function<T, JsonElement> writer) {
    return new Option<>(name, standard, (field, value, base) -> reader.read(field, value), writer);
  }

  private static Option<Long> size(String name, long standard, long min, long max) {
    return limit(
        name,
        standard,
        (field, value) -> Sizes.parse(field, value, min, max),
        bytes -> new JsonPrimitive(Sizes.show(bytes)));
  }

  /** An option that is shown as it was written. */
  private static <T> Option<T> list(String name, @Nullable T standard, Reader<T> reader) {
    return new Option<>(name, standard, reader, null);
  }

  private static List<Mount> mounts(String field, JsonElement value, Path base, boolean inside)
      throws OptionException {
    List<Mount> mounts = new ArrayList<>();
    Mounts.add(mounts, field, value, base, inside);
    return List.copyOf(mounts);
  }

  String name() {
    return name;
  }

  /** Whether it gives something that nobody has by default. */
  boolean isGrant() {
    return this == ALLOWED_FILES
        || this == ALLOWED_HOSTS
        || this == ENV_VARIABLES
        || this == TOOLS
        || this == TASKS
        || this == MOUNTS;
  }

  /** What holds if nobody says; null only of {@link #TASKS}. */
  @Nullable T standard() {
    return standard;
  }

  /** What holds if nobody says, as users would write it. */
  JsonElement shownStandard() {
    if (this == RETRY_ON) {
      return RetryOn.show(DEFAULT.retryOn());
    }
    if (standard == null) {
      return JsonNull.INSTANCE;
    }
    return writer == null ? new JsonArray() : writer.apply(standard);
  }

  Said<T> read(JsonElement written, Path base, Source source) throws OptionException {
    T value = reader.read(name, written, base);
    return new Said<>(value, writer == null ? written : writer.apply(value), source.origin(name));
  }
}
