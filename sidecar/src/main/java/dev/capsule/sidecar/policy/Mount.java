package dev.capsule.sidecar.policy;

import java.nio.file.Path;

/**
 * A folder or a single file of the host that a task may use.
 *
 * @param host its real path: no symbolic links are left in it
 * @param guest where the task sees it, an absolute path
 * @param writable whether the task may change it, and what is in it
 * @param file whether it is a file
 */
public record Mount(Path host, String guest, boolean writable, boolean file) {
  /** A folder. */
  public Mount(Path host, String guest, boolean writable) {
    this(host, guest, writable, false);
  }
}
