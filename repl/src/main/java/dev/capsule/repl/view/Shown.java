package dev.capsule.repl.view;

import java.nio.file.Path;

/** Names as a user would write them. */
public final class Shown {
  private Shown() {}

  /** A path, relative if it lies in the folder that the user stands in. */
  public static String path(Path path, Path workingFolder) {
    Path folder = workingFolder.normalize();
    return path.startsWith(folder) && !path.equals(folder)
        ? folder.relativize(path).toString()
        : path.toString();
  }
}
