package dev.capsule.repl.command;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Reads {@code HOST[::GUEST][:ro|:rw]}, with HOST relative to where the user stands. */
final class MountArgument {
  private static final String FORM =
      "give an existing folder or file as HOST, HOST:ro, HOST::GUEST or HOST::GUEST:rw";

  private MountArgument() {}

  /** The mount in the protocol's form, with an absolute host path and everything spelled out. */
  static String toOption(String argument, Path workingFolder) throws UsageException {
    String mode = "rw";
    String text = argument;
    if (text.endsWith(":ro") || text.endsWith(":rw")) {
      mode = text.substring(text.length() - 2);
      text = text.substring(0, text.length() - 3);
    }
    int separator = text.indexOf("::");
    String host = separator < 0 ? text : text.substring(0, separator);
    try {
      Path path = workingFolder.resolve(host).normalize();
      if (host.isEmpty() || (separator >= 0 && text.length() == separator + 2)) {
        throw new UsageException("--mount " + argument + " is incomplete: " + FORM);
      }
      if (!Files.isDirectory(path) && !Files.isRegularFile(path)) {
        String what = Files.exists(path) ? "is neither a folder nor a file" : "does not exist";
        throw new UsageException("--mount " + argument + ": " + path + " " + what + "; " + FORM);
      }
      String guest =
          separator < 0
              ? guestPath(Path.of(host), path, workingFolder)
              : text.substring(separator + 2);
      return path + "::" + guest + ":" + mode;
    } catch (InvalidPathException e) {
      throw new UsageException("--mount " + argument + ": " + e.getReason() + "; " + FORM);
    }
  }

  /**
   * What lies below the working folder keeps its relative path, as in the program's own options.
   */
  private static String guestPath(Path asWritten, Path path, Path workingFolder) {
    if (asWritten.isAbsolute()) {
      return path.toString();
    }
    Path root = workingFolder.normalize();
    return "/" + (path.startsWith(root) ? root.relativize(path) : path.getFileName());
  }
}
