package dev.capsule.wasmtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a main class of the tests in a JVM of its own, which a mistake may kill. */
final class Fork {
  private static final long DEADLINE_SECONDS = 120;

  private Fork() {}

  /**
   * What became of it.
   *
   * @param exit the exit status: 134 or 139 after a crash
   * @param output standard output and error together
   */
  record Outcome(int exit, String output) {}

  static Outcome run(Class<?> main, String... args) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("fork");
    Path output = folder.resolve("output");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xms64m", // a heap of one size, touched in full, so that resident memory shows the
            // rest
            "-Xmx64m",
            "-XX:+AlwaysPreTouch",
            "-XX:ErrorFile=" + folder.resolve("hs_err.log"),
            "--enable-native-access=ALL-UNNAMED",
            "-Dcapsule.home=" + Kit.home(),
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            main.getName()));
    command.addAll(List.of(args));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new AssertionError("no end after a long time: " + Files.readString(output));
    }
    return new Outcome(
        process.exitValue(), new String(Files.readAllBytes(output), StandardCharsets.UTF_8));
  }
}
