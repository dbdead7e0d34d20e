package dev.capsule.repl.command;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Reads {@code HOST[::GUEST][:ro|:rw]}, with HOST relative to where the user stands. */
final class MountArgument {
  private static final String FORM =
      "give an existing folder as HOST, HOST:ro, HOST::GUEST or HOST::GUEST:rw";

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
      Path folder = workingFolder.resolve(host).normalize();
      if (host.isEmpty() || (separator >= 0 && text.length() == separator + 2)) {
        throw new UsageException("--mount " + argument + " is incomplete: " + FORM);
      }
      if (!Files.isDirectory(folder)) {
        String what = Files.exists(folder) ? "is not a folder" : "does not exist";
        throw new UsageException("--mount " + argument + ": " + folder + " " + what + "; " + FORM);
      }
      String guest =
          separator < 0
              ? guestPath(Path.of(host), folder, workingFolder)
              : text.substring(separator + 2);
      return folder + "::" + guest + ":" + mode;
    } catch (InvalidPathException e) {
      throw new UsageException("--mount " + argument + ": " + e.getReason() + "; " + FORM);
    }
  }

  /** A folder below the working folder keeps its relative path, as in the program's own options. */
  private static String guestPath(Path asWritten, Path folder, Path workingFolder) {
    if (asWritten.isAbsolute()) {
      return folder.toString();
    }
    Path root = workingFolder.normalize();
    return "/" + (folder.startsWith(root) ? root.relativize(folder) : folder.getFileName());
  }
}
