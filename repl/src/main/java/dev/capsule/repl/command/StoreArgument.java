package dev.capsule.repl.command;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/**
 * Which project's journal is meant.
 *
 * @param root absolute path of the folder that decides it
 * @param config the configuration's path; null: the nearest one; empty: none
 */
record StoreArgument(String root, @Nullable String config) {
  static StoreArgument of(ParseResult line, Path workingFolder) throws UsageException {
    String typed = line.matchedOptionValue("--folder", (String) null);
    return new StoreArgument(
        typed == null ? workingFolder.toString() : folder(typed, workingFolder),
        ConfigArgument.of(line, workingFolder));
  }

  /** A program stands for the folder that it is in. */
  private static String folder(String typed, Path workingFolder) throws UsageException {
    try {
      Path named = workingFolder.resolve(typed).normalize();
      Path folder = Files.isRegularFile(named) ? Objects.requireNonNull(named.getParent()) : named;
      if (Files.isDirectory(folder)) {
        return folder.toString();
      }
      throw new UsageException("--folder " + typed + ": there is no folder " + folder);
    } catch (InvalidPathException e) {
      throw new UsageException("--folder " + typed + ": " + e.getReason());
    }
  }
}
