package dev.capsule.sidecar.sandbox;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * What an attempt is given.
 *
 * @param language whose guest runs it
 * @param request makes the guest's request, see guests/README.md, when it is needed: those that
 *     stand in line take no room
 * @param tree what belongs together: cores are shared fairly among trees, not among attempts
 * @param depth how many tasks that are running, each waiting for the next, wait for it; from 0 to
 *     {@link #MAX_DEPTH}
 * @param fuel units of fuel
 * @param memoryBytes highest size of the sandbox's memory
 * @param timeout from the moment it has its sandbox
 * @param maxOutputBytes of stdout and stderr together
 * @param maxDiskBytes of what it writes to files; 0: it has no scratch folder either
 * @param folders the folders that it may see of the host's files
 * @param files the single files
 */
public record Start(
    String language,
    Supplier<String> request,
    Object tree,
    int depth,
    long fuel,
    long memoryBytes,
    Duration timeout,
    long maxOutputBytes,
    long maxDiskBytes,
    List<Folder> folders,
    List<SingleFile> files) {

  /** Tasks may call one another so deep. */
  public static final int MAX_DEPTH = 16;

  public Start {
    if (depth < 0 || depth > MAX_DEPTH) {
      throw new IllegalArgumentException("depth " + depth);
    }
    folders = List.copyOf(folders);
    files = List.copyOf(files);
  }

  /**
   * A folder of the host, as the guest sees it.
   *
   * @param host a real path
   * @param guest an absolute path
   * @param own whether it is one of Capsule's own, given on purpose; what was granted never is
   */
  public record Folder(Path host, String guest, boolean writable, boolean own) {
    /** A folder that was granted. */
    public Folder(Path host, String guest, boolean writable) {
      this(host, guest, writable, false);
    }
  }

  /**
   * A file of the host, as the guest sees it.
   *
   * @param host a real path
   * @param guest an absolute path
   */
  public record SingleFile(Path host, String guest, boolean writable) {}
}
