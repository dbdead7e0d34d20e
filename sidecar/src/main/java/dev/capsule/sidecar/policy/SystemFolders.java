package dev.capsule.sidecar.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Folders in which the system shows processes and devices as files. Through them a task could read
 * and change the sidecar itself, so they are never granted, nor is a folder that holds one.
 */
final class SystemFolders {
  private static final List<Path> NAMES =
      List.of(Path.of("/proc"), Path.of("/sys"), Path.of("/dev"));

  private static final Set<String> KINDS =
      Set.of(
          "proc",
          "sysfs",
          "devtmpfs",
          "devpts",
          "cgroup",
          "cgroup2",
          "debugfs",
          "tracefs",
          "securityfs",
          "configfs",
          "bpf",
          "mqueue",
          "efivarfs",
          "fusectl",
          "pstore",
          "binfmt_misc");

  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

  private SystemFolders() {}

  /** Why a path cannot be granted; null if it can. */
  static @Nullable String objection(Path real) {
    for (Path name : NAMES) {
      String objection = objection(real, name);
      if (objection != null) {
        return objection;
      }
    }
    try {
      for (String line : Files.readAllLines(MOUNTS)) {
        String[] fields = line.split(" ");
        // After a lone dash comes the kind of file system; before it there are at least six fields.
        int dash = List.of(fields).indexOf("-");
        if (dash >= 6 && dash + 1 < fields.length && KINDS.contains(fields[dash + 1])) {
          String objection = objection(real, Path.of(unescape(fields[4])));
          if (objection != null) {
            return objection;
          }
        }
      }
    } catch (IOException e) {
      // not Linux: the names are all there is to go by
    }
    return null;
  }

  private static @Nullable String objection(Path real, Path system) {
    if (real.startsWith(system)) {
      return "cannot be granted: in "
          + system
          + " the system shows its processes and devices, the sidecar's among them";
    }
    if (system.startsWith(real)) {
      return "cannot be granted as a whole, because the system's own folder "
          + system
          + " is in it; name the folders in it that the task needs";
    }
    return null;
  }

  /** Spaces and the like are written as a backslash and three octal digits. */
  private static String unescape(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\\' && i + 3 < text.length()) {
        plain.append((char) Integer.parseInt(text, i + 1, i + 4, 8));
        i += 3;
      } else {
        plain.append(text.charAt(i));
      }
    }
    return plain.toString();
  }
}
