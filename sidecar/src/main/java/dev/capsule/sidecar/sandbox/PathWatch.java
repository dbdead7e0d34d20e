package dev.capsule.sidecar.sandbox;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Decides which paths a guest may use in what it was granted, and tells of what it opens. The
 * guards in the guest's module call it (guests/flatten); guest code that calls it by itself only
 * makes up what is told of itself. Not for many threads.
 */
final class PathWatch {
  /** Bits of WASI's descriptor-flags. */
  private static final int READ = 1;

  private static final int WRITE = 1 << 1;
  private static final int MUTATE = 1 << 5;

  /** Bits of WASI's open-flags, where a guest puts them. */
  private static final int CREATE = 1 << 8;

  private static final int DIRECTORY = 1 << 9;
  private static final int TRUNCATE = 1 << 11;

  /** WASI's error-code. */
  private static final List<String> ERRORS =
      List.of(
          ("access would-block already bad-descriptor busy deadlock quota exist file-too-large"
                  + " illegal-byte-sequence in-progress interrupted invalid io is-directory loop"
                  + " too-many-links message-size name-too-long no-device no-entry no-lock"
                  + " insufficient-memory insufficient-space not-directory not-empty"
                  + " not-recoverable unsupported no-tty no-such-device overflow not-permitted"
                  + " pipe read-only invalid-seek text-file-busy cross-device")
              .split(" "));

  /** Numbers of handles are used again, and other handles have some of them. */
  private static final int MAX_PLACES = 4 * FileMeter.MAX_HANDLES;

  private static final String ANY = "?";

  private final Set<String> own;
  private final Consumer<Opening> opened;
  private final Map<Long, String> places;

  /**
   * @param folders what it may see of the host's files; what is Capsule's own is not told of
   * @param places what its handles stand for; whose sandbox is used again has those from before
   * @param opened told of the rest
   */
  PathWatch(List<Start.Folder> folders, Map<Long, String> places, Consumer<Opening> opened) {
    this.places = places;
    this.own =
        folders.stream()
            .filter(Start.Folder::own)
            .map(Start.Folder::guest)
            .collect(Collectors.toUnmodifiableSet());
    this.opened = opened;
  }

  /** Whether it may use a path, in whatever folder. */
  boolean mayUse(String path) {
    return !StoreNames.isIn(path);
  }

  /** A handle stands for a folder that it was granted, or for something that it opened. */
  void granted(long handle, String path) {
    if (places.size() < MAX_PLACES || places.containsKey(handle)) {
      places.put(handle, path);
    }
  }

  /**
   * It has opened something, or could not.
   *
   * @param folder a handle
   * @param path relative to that
   * @param flags as guests/wit has them
   * @param value the new handle, or the error
   */
  void opened(long folder, String path, long flags, boolean failed, long value) {
    String place = places.getOrDefault(folder, ANY);
    String whole = join(place, path);
    boolean isFolder = (flags & DIRECTORY) != 0;
    if (!failed) {
      granted(value, whole); // a folder need not be opened as one
    }
    if (own.stream().anyMatch(mine -> whole.equals(mine) || whole.startsWith(mine + "/"))) {
      return;
    }
    opened.accept(
        new Opening(
            whole,
            isFolder,
            (flags & READ) != 0,
            (flags & (WRITE | MUTATE)) != 0,
            (flags & CREATE) != 0,
            (flags & TRUNCATE) != 0,
            failed ? error((int) value & 0xff) : null));
  }

  private static String join(String folder, String path) {
    if (path.isEmpty() || path.equals(".")) {
      return folder;
    }
    String below = path.startsWith("./") ? path.substring(2) : path;
    return folder.endsWith("/") ? folder + below : folder + "/" + below;
  }

  private static String error(int code) {
    return code < ERRORS.size() ? ERRORS.get(code) : "error " + code;
  }
}
