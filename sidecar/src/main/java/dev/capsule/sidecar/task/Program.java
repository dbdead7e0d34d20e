package dev.capsule.sidecar.task;

import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.TaskInfo;
import dev.capsule.sidecar.policy.TaskPolicy;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A program that was read: its source, its tasks and what each may use are fixed.
 *
 * @param root what relative folders start at
 * @param entryModule the module that declares the tasks
 * @param entry the task to run when none is named; null: there is no such task
 * @param tasks by name, in the order of declaration
 */
record Program(
    String id,
    String language,
    Path root,
    ModuleSource modules,
    ModuleSource.Module entryModule,
    @Nullable String entry,
    Map<String, Declared> tasks) {

  /** A task, and what its decorator gives it. */
  record Declared(TaskInfo info, TaskPolicy policy) {}

  LoadProgramResult describe() {
    return new LoadProgramResult(
        id,
        entry,
        tasks.values().stream().map(Declared::info).toList(),
        tasks.values().stream()
            .flatMap(task -> task.policy().env().stream())
            .distinct()
            .sorted()
            .toList());
  }
}
