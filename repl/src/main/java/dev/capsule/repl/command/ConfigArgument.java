package dev.capsule.repl.command;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** Reads {@code --config FILE} and {@code --no-config}. */
final class ConfigArgument {
  private static final String NONE = "";

  private ConfigArgument() {}

  /** In the protocol's form: an absolute path, empty for none, null for the nearest one. */
  static @Nullable String of(ParseResult line, Path workingFolder) throws UsageException {
    String typed = line.matchedOptionValue("--config", (String) null);
    if (line.hasMatchedOption("--no-config")) {
      if (typed != null) {
        throw new UsageException("--config and --no-config exclude each other");
      }
      return NONE;
    }
    if (typed == null) {
      return null;
    }
    try {
      Path file = workingFolder.resolve(typed).normalize();
      if (!Files.isRegularFile(file)) {
        String what = Files.exists(file) ? "is not an ordinary file" : "does not exist";
        throw new UsageException("--config " + typed + ": " + file + " " + what);
      }
      return file.toString();
    } catch (InvalidPathException e) {
      throw new UsageException("--config " + typed + ": " + e.getReason());
    }
  }
}
