package dev.capsule.sidecar.packages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * uv, see <a href="https://docs.astral.sh/uv/reference/cli/">its reference</a>. With {@code
 * --no-build} it runs no code of any package, whatever the package is fetched from.
 */
record Uv(Path program) implements Installer {
  @Override
  public String name() {
    return "uv";
  }

  /** It knows no platform like the sandbox; native parts of the one it is told are left out. */
  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.add("pip");
    command.addAll(List.of(arguments));
    command.addAll(
        List.of(
            "--quiet",
            "--no-build",
            "--no-python-downloads",
            "--color=never",
            "--python-version",
            PythonVersion.SHORT,
            "--python-platform",
            "x86_64-manylinux_2_28"));
    return command;
  }

  @Override
  public List<Locked> lock(Path requirements, Path work, Subprocess subprocess)
      throws PackageException, IOException, InterruptedException {
    Path lock = work.resolve("uv.lock.txt");
    subprocess.run(
        command(
            "compile",
            "--no-header",
            "--generate-hashes",
            "--annotation-style=line",
            "--no-strip-extras",
            "--output-file",
            lock.toString(),
            requirements.toString()),
        work);
    return parse(Files.readString(lock));
  }

  /**
   * Logical lines such as {@code a==1 --hash=sha256:…}; who asked for it follows, on the same line
   * or on the next: {@code # via b, -r requirements.txt}.
   */
  static List<Locked> parse(String lock) throws PackageException {
    List<Locked> packages = new ArrayList<>();
    for (String line : lock.replaceAll("\\\\?\\R\\s+", " ").lines().toList()) {
      String[] halves = line.split("# via", 2);
      String[] words = halves[0].strip().split("\\s+", -1);
      if (words[0].isEmpty()) {
        continue;
      }
      String[] pin = words[0].split("==", 2);
      List<String> hashes = new ArrayList<>();
      for (String word : words) {
        if (word.startsWith("--hash=")) {
          hashes.add(word.substring("--hash=".length()));
        }
      }
      List<String> neededBy = new ArrayList<>();
      for (String other : halves.length == 2 ? halves[1].split(",", -1) : new String[0]) {
        if (!other.isBlank() && !other.strip().startsWith("-r ")) {
          neededBy.add(other.strip().replaceFirst("\\[.*", ""));
        }
      }
      try {
        packages.add(
            new Locked(
                pin[0].replaceFirst("\\[.*", ""), pin.length == 2 ? pin[1] : "", hashes, neededBy));
      } catch (IllegalArgumentException e) {
        throw new PackageException(
            "uv chose something that is not a version of a package of an index: "
                + words[0].replaceAll("\\p{Cntrl}", " "));
      }
    }
    return packages;
  }

  @Override
  public void install(Path lock, Path target, Path work, Subprocess subprocess)
      throws PackageException, IOException, InterruptedException {
    List<String> command =
        command(
            "install",
            "--no-deps",
            "--require-hashes",
            "--link-mode=copy",
            "--target",
            target.toString(),
            "--requirements",
            lock.toString());
    subprocess.run(command, work);
  }
}
