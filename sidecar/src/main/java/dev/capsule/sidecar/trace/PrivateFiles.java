package dev.capsule.sidecar.trace;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files that nobody else can read: traces tell what tasks were given and what they printed. */
final class PrivateFiles {
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("unix");

  private PrivateFiles() {}

  /**
   * Creates a folder if need be, and the one that it is in, which is made invisible to Git. Fails
   * where one of them is a link, or somebody else could put something into it.
   */
  static void ensureFolder(Path folder) throws IOException {
    Path around = folder.toAbsolutePath().getParent();
    if (around == null) {
      throw new IOException(folder + " is no place for traces");
    }
    if (!Files.exists(around, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(around, mode("rwx------"));
      try {
        Files.writeString(
            around.resolve(".gitignore"),
            "*\n",
            StandardCharsets.UTF_8,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE);
      } catch (FileAlreadyExistsException e) {
        // another process was quicker
      }
    }
    requireSafe(around);
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      try {
        Files.createDirectory(folder, mode("rwx------"));
      } catch (FileAlreadyExistsException e) {
        // another process was quicker
      }
    }
    requireSafe(folder);
  }

  /** A folder that belongs to whoever owns the one that it is in may be used by others, as root. */
  private static void requireSafe(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(folder + " is a link, or no folder; remove it");
    }
    if (!POSIX) {
      return;
    }
    Object owner = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    Path around = folder.toAbsolutePath().getParent();
    Set<PosixFilePermission> rights =
        Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
    boolean ours =
        owner.equals(Files.getAttribute(self(), "unix:uid"))
            || (around != null && owner.equals(Files.getAttribute(around, "unix:uid")));
    if (!ours
        || rights.contains(PosixFilePermission.GROUP_WRITE)
        || rights.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(
          folder
              + " belongs to somebody else, or others can write to it; remove it or change that");
    }
  }

  private static Path self() {
    Path self = Path.of("/proc/self");
    return Files.exists(self) ? self : Path.of(System.getProperty("user.home"));
  }

  /** Creates a file to write to. */
  static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode("rw-------"));
  }

  /** Opens one of these files to write to it. */
  static FileChannel openOwn(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
  }

  private static FileAttribute<?>[] mode(String permissions) {
    return POSIX
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}
