package dev.capsule.sidecar.task;

import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.TaskInfo;
import dev.capsule.sidecar.policy.Options;
import dev.capsule.sidecar.policy.ProjectConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A program that was read: its source, its tasks and what each may use are fixed.
 *
 * @param config of the project that it belongs to; its folder is what relative folders start at
 * @param entryModule the module that declares the tasks
 * @param entry the task to run when none is named; null: there is no such task
 * @param tasks by name, in the order of declaration
 */
record Program(
    String id,
    String language,
    ProjectConfig config,
    ModuleSource modules,
    ModuleSource.Module entryModule,
    @Nullable String entry,
    Map<String, Declared> tasks) {

  /** A task, and what it is given by its declaration and the project's configuration. */
  record Declared(TaskInfo info, Options options) {}

  LoadProgramResult describe() {
    return new LoadProgramResult(
        id,
        entry,
        tasks.values().stream().map(Declared::info).toList(),
        tasks.values().stream()
            .flatMap(task -> task.options().env().stream())
            .distinct()
            .sorted()
            .toList());
  }
}
