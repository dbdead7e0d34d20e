package dev.capsule.sidecar.task;

import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.TaskInfo;
import dev.capsule.sidecar.packages.Packages;
import dev.capsule.sidecar.policy.Names;
import dev.capsule.sidecar.policy.Options;
import dev.capsule.sidecar.policy.ProjectConfig;
import dev.capsule.sidecar.sandbox.Start;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A program that was read: its source, its tasks and what each may use are fixed.
 *
 * @param entryFile what it was read from
 * @param content what that held
 * @param config of the project that it belongs to; its folder is what relative folders start at
 * @param entry the task to run when none is named; null: there is no such task
 * @param packages folder with the packages that it may import; null: it asks for none
 * @param tasks by name, in the order of declaration
 * @param others the tasks that are in other files
 */
record Program(
    String id,
    EntryFile entryFile,
    EntryFile.Content content,
    ProjectConfig config,
    Modules modules,
    @Nullable String entry,
    @Nullable Path packages,
    Map<String, Declared> tasks,
    OtherFiles others) {

  /** A task, and what it is given by its declaration and the project's configuration. */
  record Declared(TaskInfo info, Options options) {}

  /** The same with other modules. */
  Program with(Modules others) {
    return new Program(id, entryFile, content, config, others, entry, packages, tasks, this.others);
  }

  /** The guest's name. */
  String language() {
    return entryFile.language().name();
  }

  /** The module that declares the tasks. */
  Modules.Module entryModule() {
    return modules.entry();
  }

  /** The names of all tasks that it can call, in its own file or in others. */
  List<String> callable() {
    List<String> names = new ArrayList<>(tasks.keySet());
    names.addAll(others.tasks());
    return names;
  }

  /** Helps with the name of a task that there is none of. */
  String suggest(String task) {
    return Names.suggest(task, callable());
  }

  /** Whether its files still hold what was read from them. */
  boolean isCurrent() {
    try {
      return entryFile.read().fingerprint().equals(content.fingerprint()) && modules.isCurrent();
    } catch (RequestException e) {
      return false;
    }
  }

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
