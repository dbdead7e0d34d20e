package dev.capsule.sidecar.task;

import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.TaskInfo;
import dev.capsule.protocol.TaskSettings;
import dev.capsule.sidecar.policy.Dependency;
import dev.capsule.sidecar.policy.ProjectConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Tells what is set where. */
final class ConfigReport {
  private ConfigReport() {}

  /**
   * @param program whose tasks are told too, or null
   */
  static DescribeConfigResult of(ProjectConfig config, @Nullable Program program) {
    return new DescribeConfigResult(
        text(config.file()),
        config.name(),
        config.version(),
        text(config.entrypoint()),
        config.dependencies().stream().map(Dependency::text).toList(),
        config.defaults().settings(),
        program == null ? List.of() : tasks(config, program),
        config.ceiling().settings());
  }

  /** Those of the program, and those of other files that it can call. */
  private static List<TaskSettings> tasks(ProjectConfig config, Program program) {
    List<TaskSettings> all = new ArrayList<>();
    program.tasks().values().forEach(task -> all.add(settings(config, program, program, task)));
    for (String name : program.others().tasks()) {
      Program other = program.others().of(name, 0);
      all.add(settings(config, program, other, Objects.requireNonNull(other.tasks().get(name))));
    }
    return all;
  }

  private static TaskSettings settings(
      ProjectConfig config, Program asked, Program program, Program.Declared task) {
    TaskInfo info = task.info();
    Path file = program.entryFile().root().resolve(info.file());
    return new TaskSettings(
        info.name(),
        asked.entryFile().root().relativize(file).toString(),
        info.line(),
        config.ceilings().settings(task.options()));
  }

  private static @Nullable String text(@Nullable Path path) {
    return path == null ? null : path.toString();
  }
}
