package dev.capsule.sidecar.sandbox;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the handles of a sandbox stand for, as its guards tell it. It lives as long as the sandbox.
 * Not for many threads.
 */
final class Handles {
  /** Numbers of handles are used again, and other handles have some of them. */
  private static final int MAX = 4 * FileMeter.MAX_HANDLES;

  private static final String ANY = "?";

  private final Map<Long, OpenFile> files = new HashMap<>();
  private List<String> folders = List.of();

  /**
   * The sandbox is granted folders.
   *
   * @param names as the guest sees them, in the order in which WASI tells them
   */
  void grant(List<String> names) {
    folders = List.copyOf(names);
  }

  /** Which of the granted folders a number means. */
  String folder(long index) {
    return index < folders.size() ? folders.get((int) index) : ANY;
  }

  /** The path of what a handle stands for. */
  String path(long handle) {
    OpenFile file = files.get(handle);
    return file == null ? ANY : file.path();
  }

  @Nullable OpenFile get(long handle) {
    return files.get(handle);
  }

  /** A handle stands for something from now on. */
  void put(long handle, OpenFile file) {
    OpenFile gone = file;
    if (files.size() < MAX || files.containsKey(handle)) {
      gone = files.put(handle, file);
    }
    if (gone != null) {
      gone.release();
    }
  }

  /** A handle is gone. */
  void remove(long handle) {
    OpenFile file = files.remove(handle);
    if (file != null) {
      file.release();
    }
  }

  /** Tells of all that is still open. */
  void end() {
    files.values().forEach(OpenFile::end);
  }
}
