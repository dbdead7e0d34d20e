package dev.capsule.sidecar.packages;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs an installer: bounded in time and in what it writes, and ended, with all that it started,
 * when the thread that waits for it is interrupted.
 */
final class Subprocess {
  private static final Duration LONGEST = Duration.ofMinutes(15);
  private static final long LOOK_MS = 500;
  private static final int MAX_MESSAGE_BYTES = 64 << 10;

  private final Path staging;

  /**
   * @param staging the folder whose size is bounded; temporary files go there too
   */
  Subprocess(Path staging) {
    this.staging = staging;
  }

  /**
   * Runs a command to its end.
   *
   * @param work its working directory, without any file that it could take for its configuration
   * @throws PackageException if it fails; its message is for users
   */
  void run(List<String> command, Path work)
      throws PackageException, IOException, InterruptedException {
    Path output = work.resolve("output.txt");
    Path temporary = Files.createDirectories(staging.resolve("tmp"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(nothing(work)))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    for (String variable : new String[] {"TMPDIR", "TMP", "TEMP"}) {
      builder.environment().put(variable, temporary.toString());
    }
    // settings of pip that would send the packages elsewhere
    builder.environment().put("PIP_USER", "0");
    builder.environment().put("PIP_REQUIRE_VIRTUALENV", "0");
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    builder.environment().put("PYTHONWARNINGS", "ignore"); // where they are errors, pip fails
    builder.environment().put("PYTHONIOENCODING", "utf-8");
    Process process = builder.start();
    try {
      await(process);
    } finally {
      end(process);
    }
    if (process.exitValue() != 0) {
      throw InstallerErrors.explain(read(output));
    }
  }

  private static File nothing(Path work) throws IOException {
    Path empty = work.resolve("stdin");
    Files.write(empty, new byte[0]);
    return empty.toFile();
  }

  private void await(Process process) throws PackageException, IOException, InterruptedException {
    long deadline = System.nanoTime() + LONGEST.toNanos();
    while (!process.waitFor(LOOK_MS, TimeUnit.MILLISECONDS)) {
      if (System.nanoTime() - deadline > 0) {
        throw new PackageException(
            "the packages are not there after " + LONGEST.toMinutes() + " minutes; try again");
      }
      FileTree.check(staging);
    }
  }

  private static void end(Process process) {
    if (process.isAlive()) {
      List<ProcessHandle> started = process.descendants().toList();
      process.destroyForcibly();
      started.forEach(ProcessHandle::destroyForcibly);
      process.onExit().join(); // so that it writes no more to what is removed next
    }
  }

  private static String read(Path output) throws IOException {
    byte[] bytes = Files.readAllBytes(output);
    int start = Math.max(0, bytes.length - MAX_MESSAGE_BYTES);
    return new String(bytes, start, bytes.length - start, StandardCharsets.UTF_8);
  }
}
