package dev.capsule.sidecar.bundle;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import org.jspecify.annotations.Nullable;

/**
 * Where the files of a program may lie: in the npm package that it belongs to, hidden files aside,
 * and in the {@code node_modules} that Node would look into from there. A program, which may be an
 * agent's, could else carry any file of its user into the sandbox by an import.
 *
 * @param root the program's folder, a real path
 * @param own the package's folder: the root or one above it
 */
record Territory(Path root, Path own) {
  private static final String MODULES = "node_modules";
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("unix");

  /** That of programs in a folder. */
  static Territory of(Path root) {
    Path home = Path.of(System.getProperty("user.home"));
    for (Path folder = root; folder != null; folder = folder.getParent()) {
      if (!folder.equals(root) && (folder.equals(home) || !isTrusted(folder, root))) {
        break;
      }
      if (Files.isRegularFile(folder.resolve("package.json"))) {
        return new Territory(root, folder);
      }
      if (Files.exists(folder.resolve(".git"))) {
        break;
      }
    }
    return new Territory(root, root);
  }

  /** Whether a file may be part of the program. */
  boolean has(Path real) {
    if (real.startsWith(own)) {
      return !isHidden(real.startsWith(root) ? root : own, real);
    }
    Path modules = modules(real);
    return modules != null && isTrusted(modules, root);
  }

  /**
   * Files with a dot before their names are tools' and secrets; a package may keep what it likes.
   */
  private static boolean isHidden(Path folder, Path file) {
    for (Path name : folder.relativize(file)) {
      if (name.toString().equals(MODULES)) {
        return false;
      }
      if (name.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  /** The node_modules that Node would find the file in; null: none. */
  private @Nullable Path modules(Path real) {
    for (Path folder = own.getParent(); folder != null; folder = folder.getParent()) {
      Path modules = folder.resolve(MODULES);
      if (real.startsWith(modules)) {
        return modules;
      }
    }
    return null;
  }

  /** A file's name for users, with the separators of module names. */
  String shown(Path file) {
    return root.relativize(file).toString().replace(FileSystems.getDefault().getSeparator(), "/");
  }

  /**
   * Whether a folder above the program is its user's, the system's, or that of whoever owns the
   * program, and not one that anybody may put files into, as /tmp.
   */
  private static boolean isTrusted(Path folder, Path root) {
    if (!POSIX) {
      return true;
    }
    try {
      Object owner = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
      return (owner.equals(0) || owner.equals(user()) || owner.equals(uid(root)))
          && !Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_WRITE);
    } catch (IOException e) {
      return false;
    }
  }

  private static Object user() throws IOException {
    Path self = Path.of("/proc/self");
    return uid(Files.exists(self) ? self : Path.of(System.getProperty("user.home")));
  }

  private static Object uid(Path file) throws IOException {
    return Files.getAttribute(file, "unix:uid");
  }
}
