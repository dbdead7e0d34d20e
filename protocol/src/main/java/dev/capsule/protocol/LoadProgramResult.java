package dev.capsule.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program that can be run.
 *
 * @param program its id, which stands for this very source
 * @param entry the task to run when none is named; null: there is no such task
 * @param env names of the environment variables that any of its tasks may see
 */
public record LoadProgramResult(
    String program, @Nullable String entry, List<TaskInfo> tasks, List<String> env) {
  public LoadProgramResult {
    tasks = List.copyOf(tasks);
    env = List.copyOf(env);
  }
}
