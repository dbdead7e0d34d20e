package dev.capsule.repl.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountArgumentTest {
  @TempDir Path top;
  private Path here;

  @BeforeEach
  void makeFolders() throws IOException {
    here = Files.createDirectories(top.resolve("here"));
    Files.createDirectories(here.resolve("data/deep"));
    Files.createDirectories(top.resolve("other"));
    Files.writeString(here.resolve("file"), "");
  }

  @ParameterizedTest
  @CsvSource({
    "data, here/data::/data:rw",
    "./data/deep:ro, here/data/deep::/data/deep:ro",
    "data:rw, here/data::/data:rw",
    "data::/in, here/data::/in:rw",
    "data::in:ro, here/data::in:ro",
    "../other:ro, other::/other:ro",
    "file:ro, here/file::/file:ro",
  })
  void spellsEverythingOut(String argument, String expected) throws UsageException {
    assertThat(MountArgument.toOption(argument, here)).isEqualTo(top + "/" + expected);
  }

  @Test
  void refusesWhatReadingWouldWaitFor() throws Exception {
    assertThat(new ProcessBuilder("mkfifo", here + "/pipe").start().waitFor()).isZero();
    assertThatThrownBy(() -> MountArgument.toOption("pipe", here))
        .hasMessageContaining("is neither a folder nor a file");
  }

  @Test
  void anAbsoluteFolderKeepsItsPath() throws UsageException {
    Path other = top.resolve("other");
    assertThat(MountArgument.toOption(other + ":ro", here)).isEqualTo(other + "::" + other + ":ro");
  }

  @ParameterizedTest
  @CsvSource({
    "nowhere, does not exist",
    "::/in, is incomplete",
    "data::, is incomplete",
    "'', is incomplete",
  })
  void refusesWhatCannotBeMounted(String argument, String reason) {
    assertThatThrownBy(() -> MountArgument.toOption(argument, here))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--mount " + argument)
        .hasMessageContaining(reason);
  }
}
