package dev.capsule.repl.command;

import com.google.gson.JsonPrimitive;
import dev.capsule.repl.view.Screen;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** {@code capsule init}: writes a configuration that explains itself, and a first program. */
final class InitCommand {
  /** What a first program is written in. */
  private enum FirstProgram {
    PYTHON("main.py"),
    TYPESCRIPT("main.ts");

    final String file;

    FirstProgram(String file) {
      this.file = file;
    }
  }

  private static final String CONFIG = "capsule.toml";
  private static final String NAME = "@NAME@";
  private static final String ENTRYPOINT = "@ENTRYPOINT@";

  private final String typed;
  private final Path folder;
  private final @Nullable FirstProgram language;
  private final boolean force;
  private final Screen screen;

  InitCommand(ParseResult line, Screen screen, Path workingFolder) throws UsageException {
    this.typed = line.matchedPositionalValue(0, ".");
    this.language = language(line.matchedOptionValue("--language", (String) null));
    this.force = line.hasMatchedOption("--force");
    this.screen = screen;
    try {
      this.folder = workingFolder.resolve(typed).normalize();
    } catch (InvalidPathException e) {
      throw new UsageException("not a folder's name: " + typed);
    }
  }

  private static @Nullable FirstProgram language(@Nullable String named) throws UsageException {
    if (named == null) {
      return null;
    }
    for (FirstProgram each : FirstProgram.values()) {
      if (each.name().equalsIgnoreCase(named)) {
        return each;
      }
    }
    throw new UsageException("--language is python or typescript, not " + named);
  }

  /** Returns the exit code. */
  int run() throws UsageException {
    try {
      Files.createDirectories(folder);
      boolean firstProgram = !hasPrograms();
      String program = (language == null ? usual() : language).file;
      boolean entrypoint = firstProgram || Files.exists(folder.resolve(program));
      write(CONFIG, config(entrypoint, program), force);
      if (firstProgram) {
        write(program, template(program), false);
      }
      String place = typed.equals(".") ? "" : "cd " + typed + " && ";
      screen.println(
          entrypoint
              ? "Run it: " + place + "capsule run"
              : "Name the program to run as entrypoint in " + CONFIG + ".");
      return ExitCode.OK;
    } catch (FileAlreadyExistsException e) {
      boolean config = Path.of(String.valueOf(e.getFile())).endsWith(CONFIG);
      throw new UsageException(
          e.getFile()
              + (config ? " is there already; --force replaces it" : " is there and is no folder"));
    } catch (AccessDeniedException e) {
      throw new UsageException(e.getFile() + " may not be written by you");
    } catch (FileSystemException e) {
      throw new UsageException(e.getFile() + ": " + e.getReason());
    } catch (IOException e) {
      throw new UsageException(typed + ": " + e.getMessage());
    }
  }

  private boolean hasPrograms() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> isProgram(file.getFileName().toString()));
    }
  }

  /** Tools have their settings in files that only look like programs. */
  private static boolean isProgram(String name) {
    return Language.of(name) != null && !name.contains(".config.") && !name.contains(".d.");
  }

  /** What the folder looks like. */
  private FirstProgram usual() {
    return Files.exists(folder.resolve("package.json"))
            || Files.exists(folder.resolve(FirstProgram.TYPESCRIPT.file))
        ? FirstProgram.TYPESCRIPT
        : FirstProgram.PYTHON;
  }

  private String config(boolean entrypoint, String program) throws IOException {
    Path name = folder.getFileName();
    // A JSON string is a TOML one as well, but for DEL, which nobody has in a folder's name.
    String quoted = new JsonPrimitive(name == null ? "workflow" : name.toString()).toString();
    return template(CONFIG)
        .replace(ENTRYPOINT, (entrypoint ? "" : "# ") + "entrypoint = \"" + program + "\"")
        .replace(NAME, "name = " + quoted);
  }

  private void write(String name, String text, boolean replace) throws IOException {
    Path file = folder.resolve(name);
    boolean replaced = replace && Files.exists(file);
    if (replaced) {
      Files.writeString(file, text, StandardOpenOption.TRUNCATE_EXISTING);
    } else {
      Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
    }
    screen.println(
        (replaced ? "replaced " : "wrote    ") + Path.of(typed).resolve(name).normalize());
  }

  private static String template(String name) throws IOException {
    String resource = name + ".template";
    try (InputStream in = InitCommand.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new FileNotFoundException("Capsule is incomplete, there is no " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
