package dev.capsule.sidecar.policy;

import java.nio.file.Path;

/**
 * A folder of the host that a task may use.
 *
 * @param host the folder's real path: no symbolic links are left in it
 * @param guest where the task sees it, an absolute path
 * @param writable whether the task may change what is in it
 */
public record Mount(Path host, String guest, boolean writable) {}
