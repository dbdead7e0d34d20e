package dev.capsule.sidecar.task;

import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.TaskInfo;
import dev.capsule.sidecar.packages.Packages;
import dev.capsule.sidecar.policy.Options;
import dev.capsule.sidecar.policy.ProjectConfig;
import dev.capsule.sidecar.sandbox.Start;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A program that was read: its source, its tasks and what each may use are fixed.
 *
 * @param config of the project that it belongs to; its folder is what relative folders start at
 * @param entryModule the module that declares the tasks
 * @param entry the task to run when none is named; null: there is no such task
 * @param packages folder with the packages that it may import; null: it asks for none
 * @param tasks by name, in the order of declaration
 */
record Program(
    String id,
    String language,
    ProjectConfig config,
    ModuleSource modules,
    ModuleSource.Module entryModule,
    @Nullable String entry,
    @Nullable Path packages,
    Map<String, Declared> tasks) {

  /** A task, and what it is given by its declaration and the project's configuration. */
  record Declared(TaskInfo info, Options options) {}

  /** The packages as the sandbox sees them: not a grant of any task, and never writable. */
  static List<Start.Folder> mounts(@Nullable Path packages) {
    return packages == null
        ? List.of()
        : List.of(new Start.Folder(packages, Packages.GUEST_FOLDER, false, true));
  }

  /** The field of a guest's request that names their folder, with a comma before it; or nothing. */
  static String requestField(@Nullable Path packages) {
    return packages == null ? "" : ",\"packages\":[\"" + Packages.GUEST_FOLDER + "\"]";
  }

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
