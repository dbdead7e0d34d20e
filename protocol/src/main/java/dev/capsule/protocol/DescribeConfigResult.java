package dev.capsule.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is set, and where each setting was written.
 *
 * @param config absolute path of the configuration that applies; null: none does
 * @param name of the workflow; null: not given
 * @param version of the workflow; null: not given
 * @param entrypoint absolute path of the workflow's entry module; null: not given
 * @param dependencies requirements of the project, as written
 * @param defaults what tasks get that say nothing
 * @param tasks those of the program that was asked for, as the program declares them in order;
 *     empty: none was asked for
 * @param ceiling what no task may exceed; only what the configuration bounds
 */
public record DescribeConfigResult(
    @Nullable String config,
    @Nullable String name,
    @Nullable String version,
    @Nullable String entrypoint,
    List<String> dependencies,
    List<Setting> defaults,
    List<TaskSettings> tasks,
    List<Setting> ceiling) {
  public DescribeConfigResult {
    dependencies = List.copyOf(dependencies);
    defaults = List.copyOf(defaults);
    tasks = List.copyOf(tasks);
    ceiling = List.copyOf(ceiling);
  }
}
