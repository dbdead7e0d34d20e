package dev.capsule.sidecar.policy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is said of a task, by one or by several who have a say: the configuration's defaults, its
 * part on the task, the declaration, and the caller. Each wins over those before it, option by
 * option; a list replaces the list before it. Of what nobody says the built-in default holds.
 */
public final class Options {
  /** Says nothing. */
  public static final Options NONE = new Options(Map.of());

  private static final Map<String, Option<?>> OF_TASKS = byName(Option.OF_TASKS);
  private static final Map<String, Option<?>> OF_CALLERS = byName(ofCallers());

  private final Map<Option<?>, Said<?>> said;

  /** Made once: each traced run tells them. */
  private volatile @Nullable List<Setting> settings;

  private Options(Map<Option<?>, Said<?>> said) {
    this.said = said;
  }

  private static List<Option<?>> ofCallers() {
    List<Option<?>> all = new ArrayList<>(Option.OF_TASKS);
    all.add(Option.MOUNTS);
    return all;
  }

  private static Map<String, Option<?>> byName(List<Option<?>> options) {
    Map<String, Option<?>> names = new LinkedHashMap<>();
    options.forEach(option -> names.put(option.name(), option));
    return names;
  }

  /**
   * Reads the options of a task's declaration, or of the configuration's part on it.
   *
   * @param project what relative folders start at, and must lie in
   */
  public static Options ofTask(JsonObject options, Source source, Path project)
      throws OptionException {
    return read(options, OF_TASKS, source, project);
  }

  /**
   * Reads the options of whoever runs a task.
   *
   * @param project what relative folders start at
   */
  public static Options ofCaller(@Nullable JsonObject options, Path project)
      throws OptionException {
    return options == null || options.isEmpty()
        ? NONE
        : read(options, OF_CALLERS, Source.caller(), project);
  }

  /** Reads some options; others may not be there. */
  static Options read(JsonObject options, Collection<Option<?>> known, Source source, Path project)
      throws OptionException {
    return read(options, byName(List.copyOf(known)), source, project);
  }

  private static Options read(
      JsonObject options, Map<String, Option<?>> known, Source source, Path project)
      throws OptionException {
    Map<Option<?>, Said<?>> said = new HashMap<>();
    for (Map.Entry<String, JsonElement> entry : options.entrySet()) {
      String name = entry.getKey();
      Option<?> option = known.get(name);
      try {
        if (option == null) {
          throw new OptionException(
              name,
              entry.getValue().toString(),
              "is not an option; " + Names.suggest(name, known.keySet()));
        }
        if (!entry.getValue().isJsonNull()) {
          said.put(option, option.read(entry.getValue(), project, source));
        }
      } catch (OptionException e) {
        throw source.at(e);
      }
    }
    return said.isEmpty() ? NONE : new Options(said);
  }

  /** These options where they say something, else those of {@code base}. */
  public Options over(Options base) {
    if (said.isEmpty()) {
      return base;
    }
    Map<Option<?>, Said<?>> all = new HashMap<>(base.said);
    all.putAll(said);
    return new Options(all);
  }

  /** What is said of limits: of all options but those that grant something. */
  public Options limits() {
    Map<Option<?>, Said<?>> limits = new HashMap<>(said);
    limits.keySet().removeIf(Option::isGrant);
    return limits.isEmpty() ? NONE : new Options(limits);
  }

  /** These options, but for one. */
  <T> Options with(Option<T> option, Said<T> value) {
    Map<Option<?>, Said<?>> all = new HashMap<>(said);
    all.put(option, value);
    return new Options(all);
  }

  /** What is said of an option; null: nobody says anything. */
  @SuppressWarnings("unchecked") // only read() and with() put, and only values of the option's type
  <T> @Nullable Said<T> said(Option<T> option) {
    return (Said<T>) said.get(option);
  }

  /** The value of an option that has a default. */
  <T> T value(Option<T> option) {
    Said<T> value = said(option);
    if (value != null) {
      return value.value();
    }
    T standard = option.standard();
    if (standard == null) {
      throw new IllegalStateException(option.name() + " has no default");
    }
    return standard;
  }

  /** Names of the environment variables that are asked for. */
  public List<String> env() {
    return value(Option.ENV_VARIABLES);
  }

  /** Names of the tasks that may be called; null: all of the program. */
  public @Nullable List<String> tasks() {
    Said<List<String>> tasks = said(Option.TASKS);
    return tasks == null ? null : tasks.value();
  }

  /** Fails where a task is named that there is none of. */
  public void requireTasks(Collection<String> known, Source source) throws OptionException {
    List<String> names = tasks();
    for (int i = 0; names != null && i < names.size(); i++) {
      if (!known.contains(names.get(i))) {
        throw source.at(
            new OptionException(
                "tasks[" + i + "]",
                new JsonPrimitive(names.get(i)).toString(),
                "is not a task of the program; " + Names.suggest(names.get(i), known)));
      }
    }
  }

  /** Every option, with its value and who says so. */
  public List<Setting> settings() {
    List<Setting> known = settings;
    if (known == null) {
      known = Option.OF_TASKS.stream().map(this::setting).toList();
      settings = known;
    }
    return known;
  }

  private Setting setting(Option<?> option) {
    Said<?> value = said.get(option);
    return value == null
        ? new Setting(option.name(), option.shownStandard(), "default")
        : new Setting(option.name(), value.shown(), value.origin());
  }

  /** Those options that are said, in order. */
  List<Setting> settingsSaid() {
    return Option.OF_TASKS.stream().filter(said::containsKey).map(this::setting).toList();
  }

  /**
   * What follows for a task.
   *
   * @param lowered names of the options that a ceiling has lowered
   */
  TaskPolicy policy(List<String> lowered) {
    return new TaskPolicy(
        value(Option.COMPUTE),
        value(Option.RAM),
        value(Option.TIMEOUT),
        value(Option.MAX_RETRIES),
        value(Option.RETRY_ON),
        value(Option.MAX_OUTPUT_BYTES),
        value(Option.MAX_RESULT_BYTES),
        value(Option.MAX_DISK_BYTES),
        mounts(),
        value(Option.ALLOWED_HOSTS),
        value(Option.ENV_VARIABLES),
        value(Option.TOOLS),
        tasks(),
        lowered);
  }

  /** The caller's folders, and those of the task that are not at the same place. */
  private List<Mount> mounts() {
    List<Mount> all = new ArrayList<>(value(Option.MOUNTS));
    for (Mount mount : value(Option.ALLOWED_FILES)) {
      if (all.stream().noneMatch(own -> own.guest().equals(mount.guest()))) {
        all.add(mount);
      }
    }
    return all;
  }
}
