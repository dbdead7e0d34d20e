package dev.capsule.sidecar.sandbox;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
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

  /** No call of WASI moves more; who says so makes it up. */
  private static final long MAX_BYTES = 0xffff_ffffL;

  private final Set<String> own;
  private final Function<Opening, Opening.Closed> opened;
  private final Handles handles;

  /**
   * @param folders what it may see of the host's files; what is Capsule's own is not told of
   * @param handles what its handles stand for; whose sandbox is used again has those from before
   * @param opened told of the rest
   */
  PathWatch(List<Start.Folder> folders, Handles handles, Function<Opening, Opening.Closed> opened) {
    this.handles = handles;
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

  /**
   * A handle stands for a folder that it was granted.
   *
   * @param index which of them
   */
  void granted(long handle, long index) {
    handles.put(handle, new OpenFile(handles.folder(index), null, null));
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
    String whole = join(handles.path(folder), path);
    boolean isOwn =
        own.stream().anyMatch(mine -> whole.equals(mine) || whole.startsWith(mine + "/"));
    Opening opening = isOwn ? null : opening(whole, flags, failed, value);
    Opening.Closed closed = opening == null ? null : opened.apply(opening);
    if (!failed) {
      handles.put(
          value, new OpenFile(whole, opening, closed)); // a folder need not be opened as one
    }
  }

  private static Opening opening(String path, long flags, boolean failed, long value) {
    return new Opening(
        path,
        (flags & DIRECTORY) != 0,
        (flags & READ) != 0,
        (flags & (WRITE | MUTATE)) != 0,
        (flags & CREATE) != 0,
        (flags & TRUNCATE) != 0,
        failed ? error((int) value & 0xff) : null);
  }

  /** Something that was opened has a stream. */
  void streamed(long handle, long stream) {
    OpenFile file = handles.get(handle);
    if (file != null) {
      file.share();
      handles.put(stream, file);
    }
  }

  /**
   * Bytes went from or to something that was opened, or a stream of that.
   *
   * @param bytes unsigned
   */
  void moved(long handle, boolean written, long bytes) {
    OpenFile file = handles.get(handle);
    if (file == null) {
      return;
    }
    Opening untold = file.untold();
    if (untold != null) {
      file.tell(opened.apply(untold));
    }
    file.move(written, Math.clamp(bytes, 0, MAX_BYTES));
  }

  /** A handle is gone, whatever it was. */
  void closed(long handle) {
    handles.remove(handle);
  }

  /** The attempt is over: tells of what is still open. */
  void end() {
    handles.end();
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
