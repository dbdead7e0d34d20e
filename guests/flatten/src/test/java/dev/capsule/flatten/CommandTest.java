package dev.capsule.flatten;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command, as the build runs it: a process of its own. */
class CommandTest {
  private record Outcome(int status, String out, String err) {}

  @TempDir private Path folder;

  @Test
  void writesTheFlatComponent() throws Exception {
    Path in = Files.write(folder.resolve("in.wasm"), Kit.assemble(Kit.linked()));
    Path out = folder.resolve("out.wasm");

    Outcome outcome = flatten(in.toString(), out.toString());

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isZero();
    assertThat(outcome.out()).startsWith("merged 3 core instances: 16 of 18 functions");
    assertThat(out).hasBinaryContent(Kit.flatten(Files.readAllBytes(in)));
    assertThat(folder).isDirectoryContaining("glob:**/out.wasm");
    assertThat(names()).containsExactlyInAnyOrder("in.wasm", "out.wasm", "out", "err");
  }

  @Test
  void leavesTheOldOutputWhenTheInputIsRefused() throws Exception {
    Path in = Files.writeString(folder.resolve("in.wasm"), "not wasm");
    Path out = Files.writeString(folder.resolve("out.wasm"), "old");

    Outcome outcome = flatten(in.toString(), out.toString());

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err()).startsWith("flatten: " + in + ": ").contains("not a component");
    assertThat(out).hasContent("old");
  }

  @Test
  void saysWhichFileIsMissing() throws Exception {
    Outcome outcome = flatten("missing.wasm", folder.resolve("out.wasm").toString());

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err()).contains("missing.wasm").hasLineCount(1);
    assertThat(names()).doesNotContain("out.wasm");
  }

  @Test
  void tellsItsUsage() throws Exception {
    Outcome outcome = flatten("only-one.wasm");

    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err()).startsWith("usage: ");
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private Outcome flatten(String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Flatten.class.getName());
    Collections.addAll(command, args);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return new Outcome(process.waitFor(), Files.readString(out), Files.readString(err));
  }
}
