package dev.capsule.sidecar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A guest of a newer build may import a newer clock, which would block beyond every time limit. */
class ShadowedClocksTest {
  private static final Pattern CLOCK =
      Pattern.compile("wasi:clocks/monotonic-clock@\\d+\\.\\d+\\.\\d+");

  @Test
  void theClocksThatGuestsImportAreShadowed() throws IOException {
    Path guests = Path.of(System.getProperty("capsule.home"), "guests");
    try (var files = Files.newDirectoryStream(guests, "*.wasm")) {
      for (Path guest : files) {
        String text = Files.readString(guest, StandardCharsets.ISO_8859_1);
        List<String> imported =
            CLOCK.matcher(text).results().map(MatchResult::group).distinct().toList();
        assertThat(imported).as("%s", guest.getFileName()).isNotEmpty();
        assertThat(HostImports.CLOCKS).as("%s", guest.getFileName()).containsAll(imported);
      }
    }
  }
}
