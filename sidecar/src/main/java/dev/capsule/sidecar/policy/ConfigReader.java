package dev.capsule.sidecar.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlTable;

/**
 * Understands a configuration; whatever it does not understand is an error. Only this class and
 * {@link TomlSection} know of TOML, so that its parser is not loaded where there is no such file.
 */
final class ConfigReader {
  private static final String DEPENDENCIES = "dependencies";
  static final List<String> KEYS =
      List.of("workflow", DEPENDENCIES, "tasks", "ceiling", "journal", "trace", "sessions");
  static final List<String> OF_WORKFLOW = List.of("name", "version", "entrypoint");
  static final String DEFAULT = "default_";
  static final String FILE = "file";

  /** Tools and tasks differ from task to task; there is no sense in defaults. */
  static final List<Option<?>> WITH_DEFAULT =
      Option.OF_TASKS.stream()
          .filter(option -> option != Option.TOOLS && option != Option.TASKS)
          .toList();

  private final ConfigFile file;

  /** What relative paths in the program's declarations start at. */
  private final Path project;

  ConfigReader(ConfigFile file, Path root) {
    this.file = file;
    this.project = root.startsWith(file.folder()) ? file.folder() : root;
  }

  /** Whether a pyproject.toml has the table of Capsule. */
  static boolean hasTable(ConfigFile file) throws OptionException {
    return table(file).get(List.of("tool", "capsule")) != null;
  }

  private static TomlTable table(ConfigFile file) throws OptionException {
    try {
      return TomlText.parse(file.text());
    } catch (TomlText.MistakeException e) {
      throw new OptionException("", null, String.valueOf(e.getMessage()))
          .at("", file.shown() + ":" + e.line() + ":" + e.column());
    }
  }

  ProjectConfig read() throws OptionException {
    TomlSection top = top();
    top.requireKnown(KEYS);
    TomlSection workflow = top.section("workflow", "");
    if (workflow != null) {
      workflow.requireKnown(OF_WORKFLOW);
    }
    TomlSection tasks = top.section("tasks", DEFAULT);
    TomlSection ceiling = top.section("ceiling", "");
    TomlSection journal = top.section("journal", "");
    TomlSection trace = top.section("trace", "");
    TomlSection sessions = top.section("sessions", "");
    return new ProjectConfig(
        file.path(),
        project,
        workflow == null ? null : workflow.text("name"),
        workflow == null ? null : workflow.text("version"),
        workflow == null ? null : program(workflow, "entrypoint"),
        dependencies(top),
        tasks == null ? Options.NONE : defaults(tasks),
        tasks == null ? Map.of() : tasks(tasks),
        ceiling == null ? Ceiling.NONE : Ceiling.read(ceiling.options(), ceiling, file.folder()),
        journal == null ? JournalConfig.NONE : JournalConfig.read(journal),
        trace == null ? TraceConfig.NONE : TraceConfig.read(trace),
        sessions == null ? SessionConfig.NONE : SessionConfig.read(sessions));
  }

  private TomlSection top() throws OptionException {
    TomlSection top = new TomlSection(table(file), file.shown(), "", "");
    if (!file.isPyproject()) {
      return top;
    }
    TomlSection tool = top.section("tool", "");
    TomlSection own = tool == null ? null : tool.section("capsule", "");
    if (own == null) {
      throw new OptionException("", null, "has no table [tool.capsule]").at("", file.shown());
    }
    return own;
  }

  private static List<Dependency> dependencies(TomlSection top) throws OptionException {
    if (!top.keys().contains(DEPENDENCIES)) {
      return List.of();
    }
    List<Dependency> dependencies = new ArrayList<>();
    try {
      for (String text :
          NameLists.strings(
              DEPENDENCIES, top.json(DEPENDENCIES), "requirements such as \"requests>=2\"")) {
        dependencies.add(top.dependency(DEPENDENCIES, dependencies.size(), text));
      }
    } catch (OptionException e) {
      throw e.where() == null ? top.at(e) : e;
    }
    return dependencies;
  }

  /** A program's file, a real path; null: none is named. */
  private @Nullable Path program(TomlSection section, String key) throws OptionException {
    String text = section.text(key);
    if (text == null) {
      return null;
    }
    try {
      Path path = file.folder().resolve(text);
      if (Files.isRegularFile(path)) {
        Path real = path.toRealPath();
        if (real.startsWith(file.folder())) {
          return real;
        }
      }
    } catch (IOException | InvalidPathException e) {
      // told below
    }
    throw section.fault(key, "must be a program's file in the project's folder " + file.folder());
  }

  private Options defaults(TomlSection tasks) throws OptionException {
    List<String> known = WITH_DEFAULT.stream().map(option -> DEFAULT + option.name()).toList();
    List<String> unknown = new ArrayList<>();
    for (String key : tasks.keys()) {
      boolean isTask = tasks.table().get(List.of(key)) instanceof TomlTable;
      if (isTask && known.contains(key)) {
        throw tasks.fault(key, "must be a value; a task cannot have this name");
      }
      if (!isTask && !known.contains(key)) {
        unknown.add(key);
      }
    }
    if (!unknown.isEmpty()) {
      throw tasks.fault(
          unknown.getFirst(),
          "is neither a default nor a table [tasks.NAME]; "
              + Names.suggest(unknown.getFirst(), known));
    }
    var options = tasks.options();
    options.keySet().removeIf(name -> !known.contains(DEFAULT + name));
    return Options.read(options, WITH_DEFAULT, tasks, file.folder());
  }

  private Map<String, ProjectConfig.OfTask> tasks(TomlSection tasks) throws OptionException {
    Map<String, ProjectConfig.OfTask> all = new LinkedHashMap<>();
    for (String name : tasks.keys()) {
      if (tasks.table().get(List.of(name)) instanceof TomlTable) {
        TomlSection task = tasks.section(name, "");
        if (task != null) {
          var options = task.options();
          options.remove(FILE); // it says where the task is, not what it may do
          all.put(
              name,
              new ProjectConfig.OfTask(
                  Options.ofTask(options, task, file.folder()),
                  task,
                  tasks.where(name),
                  program(task, FILE)));
        }
      }
    }
    return all;
  }
}
