package dev.capsule.sidecar.packages;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the installer: uv if it is on the path, else the pip of the user's Python. */
final class Installers {
  /** The user's choice: {@code pip} or {@code uv}. */
  private static final String CHOICE = "CAPSULE_INSTALLER";

  /** The Python whose pip is used. */
  private static final String PYTHON = "CAPSULE_PYTHON";

  private static final boolean WINDOWS = System.getProperty("os.name", "").startsWith("Windows");

  private Installers() {}

  static Installer find(Map<String, String> environment) throws PackageException {
    String choice = environment.getOrDefault(CHOICE, "");
    if (!choice.isEmpty() && !choice.equals("pip") && !choice.equals("uv")) {
      throw new PackageException(CHOICE + "=" + choice + " must be pip or uv");
    }
    Path uv = choice.equals("pip") ? null : onPath("uv", environment);
    if (uv != null) {
      return new Uv(uv);
    }
    if (choice.equals("uv")) {
      throw new PackageException(CHOICE + " is uv, but there is no uv on the PATH");
    }
    return new Pip(python(environment));
  }

  private static Path python(Map<String, String> environment) throws PackageException {
    String chosen = environment.getOrDefault(PYTHON, "");
    Path python =
        chosen.isEmpty()
            ? onPath("python3", environment)
            : chosen.contains(File.separator)
                ? Path.of(chosen).toAbsolutePath()
                : onPath(chosen, environment);
    if (python == null && chosen.isEmpty()) {
      python = onPath("python", environment);
    }
    if (python == null || !Files.isExecutable(python)) {
      throw new PackageException(
          "the program asks for packages, which uv or pip installs, but "
              + (chosen.isEmpty()
                  ? "there is neither uv nor python3 on the PATH"
                  : PYTHON + "=" + chosen + " is not there")
              + ": install uv or Python, or set "
              + PYTHON);
    }
    return python;
  }

  /** The first executable of that name. Relative entries are skipped: they mean any folder. */
  private static @Nullable Path onPath(String name, Map<String, String> environment) {
    String file = WINDOWS ? name + ".exe" : name;
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      try {
        Path candidate = Path.of(folder).resolve(file);
        if (candidate.isAbsolute()
            && Files.isRegularFile(candidate)
            && Files.isExecutable(candidate)) {
          return candidate;
        }
      } catch (InvalidPathException e) {
        // an entry that is no path leads nowhere
      }
    }
    return null;
  }
}
