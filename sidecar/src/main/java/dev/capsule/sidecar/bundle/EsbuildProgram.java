package dev.capsule.sidecar.bundle;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Finds esbuild: what the user names, else what the build has installed. */
final class EsbuildProgram {
  /** The user's choice: an absolute path. */
  private static final String CHOICE = "CAPSULE_ESBUILD";

  private EsbuildProgram() {}

  /**
   * The program.
   *
   * @param modules the node_modules folder of the build
   */
  static Path find(Path modules, Map<String, String> environment) throws BundleException {
    String choice = environment.getOrDefault(CHOICE, "");
    try {
      Path program = choice.isEmpty() ? installed(modules) : Path.of(choice);
      if (program.isAbsolute() && Files.isRegularFile(program) && Files.isExecutable(program)) {
        return program;
      }
      throw new BundleException(
          choice.isEmpty()
              ? "the program is bundled by esbuild, which is not there ("
                  + program
                  + "): install Node 20 or newer and run ./capsule build, or set "
                  + CHOICE
              : CHOICE + "=" + choice + " must be the absolute path of an executable file");
    } catch (InvalidPathException e) {
      throw new BundleException(CHOICE + "=" + choice + " is not a path");
    }
  }

  /** The program itself, not the script that npm puts beside it: that would start Node first. */
  private static Path installed(Path modules) {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String processor =
        switch (System.getProperty("os.arch", "")) {
          case "aarch64", "arm64" -> "arm64";
          default -> "x64";
        };
    Path scope = modules.resolve("@esbuild");
    if (system.startsWith("windows")) {
      return scope.resolve("win32-" + processor).resolve("esbuild.exe");
    }
    String name = system.startsWith("mac") ? "darwin-" : "linux-";
    return scope.resolve(name + processor).resolve("bin").resolve("esbuild");
  }
}
