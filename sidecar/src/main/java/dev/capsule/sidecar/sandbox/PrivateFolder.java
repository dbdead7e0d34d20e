package dev.capsule.sidecar.sandbox;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A folder that only its owner can write to, where the system knows owners. */
public final class PrivateFolder {
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  private static final Set<PosixFilePermission> OTHERS_WRITE =
      Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private final Path path;

  public PrivateFolder(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  /** Creates it if need be. Fails if others can write to it. */
  public void ensure() throws IOException {
    if (!Files.isDirectory(path)) {
      Files.createDirectories(path.toAbsolutePath().getParent());
      try {
        Files.createDirectory(path, mode("rwx------"));
      } catch (java.nio.file.FileAlreadyExistsException e) {
        // another process was quicker
      }
    }
    if (!isOurs(path)) {
      throw new IOException(
          path
              + " belongs to somebody else, or others can write to it; Capsule loads code from"
              + " it: remove it, or set XDG_CACHE_HOME to a folder of your own");
    }
  }

  /** A new file in it, for this process alone until it is moved to its name. */
  public Path createFile() throws IOException {
    return Files.createTempFile(path, "new-", ".tmp", mode("rw-------"));
  }

  /** Takes everybody else's rights to a folder of this process's user. */
  public static void close(Path folder) throws IOException {
    if (POSIX) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
  }

  /** Whether it belongs to this process's user, who alone may write to it, and is no link. */
  public static boolean isOurs(Path file) throws IOException {
    return isClosed(file) && (!POSIX || owner(file).equals(uid()));
  }

  /**
   * The same, or it belongs to whoever owns the folder that it is in: a process may run as somebody
   * else in its user's folder, as root in a container does.
   */
  public static boolean isOursOrOfItsPlace(Path file) throws IOException {
    Path around = file.toAbsolutePath().getParent();
    return isOurs(file) || (isClosed(file) && around != null && owner(file).equals(owner(around)));
  }

  private static Object owner(Path file) throws IOException {
    return Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  /** Whether it is no link, and nobody but its owner may write to it. */
  private static boolean isClosed(Path file) throws IOException {
    return !Files.isSymbolicLink(file)
        && (!POSIX
            || Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS).stream()
                .noneMatch(OTHERS_WRITE::contains));
  }

  /** This process's user: whom a file that it makes belongs to. */
  private static Object uid() throws IOException {
    Path self = Path.of("/proc/self");
    if (Files.exists(self)) {
      return Files.getAttribute(self, "unix:uid");
    }
    Path probe = Files.createTempFile("capsule-", ".tmp");
    try {
      return Files.getAttribute(probe, "unix:uid");
    } finally {
      Files.delete(probe);
    }
  }

  /** Permissions to make something with, where the system knows them. */
  static FileAttribute<?>[] mode(String permissions) {
    return POSIX
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}
