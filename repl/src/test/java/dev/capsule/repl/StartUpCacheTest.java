package dev.capsule.repl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.repl.Capsule.Ended;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The AOT caches: a JVM that does not like one goes on without it, so somebody has to look. */
class StartUpCacheTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "cli, --version, 0",
    "mcp, --version, 0",
    "repl, --version, 0",
    "sidecar, no-such-argument, 2"
  })
  void theCacheFitsTheJvmItIsUsedBy(String program, String argument, int code) throws Exception {
    Path home = Path.of(System.getProperty("capsule.home"));
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String main = program.equals("sidecar") ? "dev.capsule.sidecar.Main" : "dev.capsule.repl.Main";
    // With AOTMode=on a cache that cannot be used ends the JVM with an error.
    List<String> command =
        List.of(
            java.toString(),
            "@" + Capsule.checkout().resolve("tools/jvm.options"),
            "-XX:AOTCache=" + home.resolve("aot").resolve(program + ".aot"),
            "-XX:AOTMode=on",
            "-cp",
            home.resolve("capsule.jar").toString(),
            main,
            argument);
    Ended ended = new Capsule(folder).runCommand(command);
    assertThat(ended.code()).as(ended.err()).isEqualTo(code);
  }

  @Test
  void withoutACacheEverythingWorksAndNothingIsSaid() throws Exception {
    Path home = Path.of(System.getProperty("capsule.home"));
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    List<String> command =
        List.of(
            java.toString(),
            "@" + Capsule.checkout().resolve("tools/jvm.options"),
            "-XX:AOTCache=" + folder.resolve("no-such.aot"),
            "-cp",
            home.resolve("capsule.jar").toString(),
            "dev.capsule.repl.Main",
            "--version");
    Ended ended = new Capsule(folder).runCommand(command);
    assertThat(ended.code()).isZero();
    assertThat(ended.out()).startsWith("capsule ");
    assertThat(ended.err()).isEmpty();
  }
}
