package dev.capsule.sidecar.policy;

import com.google.gson.JsonPrimitive;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a capsule.toml says.
 *
 * @param file where it is; null: there is none, and nothing is said
 * @param folder what relative paths of the project start at
 * @param name of the workflow; null: not given
 * @param version of the workflow; null: not given
 * @param entrypoint the workflow's entry module; null: not given
 * @param dependencies what the project asks for of others
 * @param defaults what it says of every task
 * @param tasks what it says of some, by name
 * @param ceiling what no task may exceed
 * @param journal where workflows are written down
 * @param trace which traces are kept
 * @param sessions how many may be open, and for how long
 */
public record ProjectConfig(
    @Nullable Path file,
    Path folder,
    @Nullable String name,
    @Nullable String version,
    @Nullable Path entrypoint,
    List<Dependency> dependencies,
    Options defaults,
    Map<String, OfTask> tasks,
    Ceiling ceiling,
    JournalConfig journal,
    TraceConfig trace,
    SessionConfig sessions) {
  public ProjectConfig {
    dependencies = List.copyOf(dependencies);
    tasks = Map.copyOf(tasks);
  }

  /**
   * What it says of one task.
   *
   * @param source where its options stand
   * @param where its table stands, {@code "capsule.toml:12:1"}
   * @param file the program that it is in, a real path; null: whichever has a task of its name
   */
  public record OfTask(Options options, Source source, String where, @Nullable Path file) {}

  /** That of a project without any. */
  public static ProjectConfig none(Path root) {
    return new ProjectConfig(
        null,
        root,
        null,
        null,
        null,
        List.of(),
        Options.NONE,
        Map.of(),
        Ceiling.NONE,
        JournalConfig.NONE,
        TraceConfig.NONE,
        SessionConfig.NONE);
  }

  /**
   * Understands a configuration.
   *
   * @param file null: there is none
   * @param root the folder of the program that it applies to, a real path
   */
  public static ProjectConfig read(@Nullable ConfigFile file, Path root) throws OptionException {
    return file == null ? none(root) : new ConfigReader(file, root).read();
  }

  /** What holds for every run. */
  public Ceilings ceilings() {
    return new Ceilings(List.of(ceiling));
  }

  /** What it says of a task, its own part before the defaults. */
  public Options of(String task) {
    OfTask own = tasks.get(task);
    return own == null ? defaults : own.options().over(defaults);
  }

  /** The tasks that it says are in other files than a program's, and those files. */
  public Map<String, Path> elsewhere(Path program) {
    Map<String, Path> files = new LinkedHashMap<>();
    tasks.forEach((name, task) -> {
      Path other = task.file();
      if (other != null && !other.equals(program)) {
        files.put(name, other);
      }
    });
    return files;
  }

  /**
   * Fails where it speaks of tasks that a program does not have. Only what it says of the
   * workflow's own program can be wrong: a project has others, which it need not fit.
   */
  public void requireTasks(Collection<String> known, Path program) throws OptionException {
    Map<String, Path> elsewhere = elsewhere(program);
    Set<String> callable = new LinkedHashSet<>(known);
    callable.addAll(elsewhere.keySet());
    for (Map.Entry<String, OfTask> entry : tasks.entrySet()) {
      String name = entry.getKey();
      OfTask task = entry.getValue();
      if (elsewhere.containsKey(name)) {
        if (known.contains(name)) {
          throw ambiguous(name, task, program);
        }
      } else if (known.contains(name)) {
        task.options().requireTasks(callable, task.source());
      } else if (program.equals(entrypoint) || program.equals(task.file())) {
        throw new OptionException(
                "tasks." + name,
                null,
                (task.file() == null ? "the entrypoint" : shown(program))
                    + " has no task of this name; "
                    + Names.suggest(name, known))
            .at("", task.where());
      }
    }
  }

  private OptionException ambiguous(String name, OfTask task, Path program) {
    Path file = task.file();
    return new OptionException(
            "tasks." + name + ".file",
            file == null ? null : new JsonPrimitive(shown(file)).toString(),
            "but "
                + shown(program)
                + " has a task of this name too, and which one is meant could not be told: rename"
                + " one of them")
        .at("", task.where());
  }

  private String shown(Path path) {
    return path.startsWith(folder) ? folder.relativize(path).toString() : path.toString();
  }
}
