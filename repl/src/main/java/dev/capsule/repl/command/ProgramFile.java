package dev.capsule.repl.command;

import dev.capsule.protocol.LoadProgramParams;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A program's entry module, which exists and may be read.
 *
 * @param path absolute
 * @param asTyped how the user calls it
 * @param language what it is written in
 */
record ProgramFile(Path path, String asTyped, Language language) {
  static ProgramFile of(String typed, Path workingFolder) throws UsageException {
    Path file;
    try {
      file = workingFolder.resolve(typed).normalize();
    } catch (InvalidPathException e) {
      throw new UsageException("not a file name: " + typed);
    }
    if (Files.isDirectory(file)) {
      throw new UsageException(typed + " is a folder; name the file in it that holds the task");
    }
    if (!Files.exists(file)) {
      throw new UsageException("there is no file " + typed + " (looked for " + file + ")");
    }
    Language language = Language.of(typed);
    if (language == null) {
      throw new UsageException(
          typed + " is not a program: its name must end in one of " + Language.endings());
    }
    // Reading a FIFO would wait for somebody to write to it.
    if (!Files.isRegularFile(file)) {
      throw new UsageException(typed + " is not an ordinary file");
    }
    if (!Files.isReadable(file)) {
      throw new UsageException(typed + " may not be read by you; see its permissions");
    }
    return new ProgramFile(file, typed, language);
  }

  /** The folder that its own modules are imported from. */
  Path folder() {
    return Objects.requireNonNull(path.getParent(), "an absolute file is in a folder");
  }

  /**
   * Asks to load it.
   *
   * @param config the configuration's path; null: the nearest one; empty: none
   */
  LoadProgramParams toLoad(@Nullable String config) {
    return new LoadProgramParams(
        language.wireName(),
        folder().toString(),
        language.stem(path.getFileName().toString()),
        path.toString(),
        null,
        config);
  }
}
