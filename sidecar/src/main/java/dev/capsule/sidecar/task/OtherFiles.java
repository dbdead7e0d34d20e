package dev.capsule.sidecar.task;

import dev.capsule.protocol.ErrorCode;
import dev.capsule.sidecar.policy.ProjectConfig;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The tasks that a program can call though they are in other files of its project, in any language:
 * those that the configuration names. Such a file is a program of its own; it is read when the
 * first of its tasks is called, and stays the same from then on, as the rest of the program does.
 */
final class OtherFiles {
  private final Map<String, Path> files;
  private final Opener opener;
  private final Map<Path, Program> open = new ConcurrentHashMap<>();
  private final Map<Path, ReentrantLock> locks = new ConcurrentHashMap<>();

  /** Reads programs. */
  interface Opener {
    /**
     * Reads the program of a file.
     *
     * @param depth how many tasks, each waiting for the next, wait for it
     * @throws RequestException if it cannot be
     */
    Program open(Path file, int depth);
  }

  /**
   * @param file of the program itself
   */
  OtherFiles(ProjectConfig config, Path file, Opener opener) {
    this.files = config.elsewhere(file);
    this.opener = opener;
  }

  /** The names of those tasks. */
  Set<String> tasks() {
    return files.keySet();
  }

  /** The files that they are in. */
  Set<Path> files() {
    return new HashSet<>(files.values());
  }

  /** Whether that is one of those tasks. */
  boolean has(String task) {
    return files.containsKey(task);
  }

  /** Whether that is one of those tasks, and its file is not read yet. */
  boolean isUnread(String task) {
    Path file = files.get(task);
    return file != null && !open.containsKey(file);
  }

  /**
   * The program that a task is in.
   *
   * @param task one of {@link #tasks()}
   * @param depth how many tasks, each waiting for the next, wait for it
   * @throws RequestException if it cannot be read, or the thread was interrupted
   */
  Program of(String task, int depth) {
    Path file = files.get(task);
    if (file == null) {
      throw new IllegalArgumentException(task);
    }
    return of(file, depth);
  }

  /**
   * The program of a file.
   *
   * @param file one of {@link #files()}
   */
  Program of(Path file, int depth) {
    Program known = open.get(file);
    if (known != null) {
      return known;
    }
    ReentrantLock lock = locks.computeIfAbsent(file, ignored -> new ReentrantLock());
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RequestException(ErrorCode.CANCELLED, "the program is no longer wanted", null);
    }
    try {
      known = open.get(file);
      if (known == null) {
        known = opener.open(file, depth);
        open.put(file, known);
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  /** Whether those that were read, and those that they have read, are as they were. */
  boolean areCurrent() {
    return areCurrent(Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  private boolean areCurrent(Set<OtherFiles> seen) {
    if (!seen.add(this)) {
      return true; // files may call one another's tasks
    }
    return open.values().stream()
        .allMatch(program -> program.isCurrent() && program.others().areCurrent(seen));
  }
}
