package dev.capsule.sidecar.task;

import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.TaskInfo;
import dev.capsule.protocol.TaskSettings;
import dev.capsule.sidecar.policy.Dependency;
import dev.capsule.sidecar.policy.ProjectConfig;
import java.nio.file.Path;
import java.util.List;
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
        program == null
            ? List.of()
            : program.tasks().values().stream().map(task -> settings(config, task)).toList(),
        config.ceiling().settings());
  }

  private static TaskSettings settings(ProjectConfig config, Program.Declared task) {
    TaskInfo info = task.info();
    return new TaskSettings(
        info.name(), info.file(), info.line(), config.ceilings().settings(task.options()));
  }

  private static @Nullable String text(@Nullable Path path) {
    return path == null ? null : path.toString();
  }
}
