package dev.capsule.sidecar.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentTest {
  @TempDir Path project;

  private void write(String text) throws IOException {
    Files.writeString(project.resolve(".env"), text);
  }

  private Map<String, String> values(
      List<String> names, Map<String, String> given, Map<String, String> own) {
    return Environment.values(names, given, own, project);
  }

  private RequestException refusal() {
    return catchThrowableOfType(
        RequestException.class, () -> values(List.of("A"), Map.of(), Map.of()));
  }

  @Test
  void theClientsValueComesFirstThenTheProcesssThenTheFiles() throws IOException {
    write("A=file\nB=file\nC=file\nD=file\n");
    assertThat(
            values(
                List.of("A", "B", "C", "E"),
                Map.of("A", "client", "X", "client"),
                Map.of("A", "own", "B", "own", "Y", "own")))
        .containsExactly(Map.entry("A", "client"), Map.entry("B", "own"), Map.entry("C", "file"));
  }

  @Test
  void whatNobodyWasGrantedIsNotLookedUp() throws IOException {
    write("not a file of variables");
    assertThat(values(List.of(), Map.of("A", "1"), Map.of("B", "2"))).isEmpty();
    assertThat(values(List.of("A"), Map.of("A", "1"), Map.of())).containsEntry("A", "1");
  }

  @Test
  void aBadFileIsToldWithItsLineAndWithoutItsSecrets() throws IOException {
    write("A=1\nhunter2\n");
    assertThat(refusal()).hasMessageContaining(".env:2: ").hasMessageNotContaining("hunter2");
  }

  @Test
  void aLinkOutOfTheProjectIsNotFollowed(@TempDir Path other) throws IOException {
    Files.writeString(other.resolve("secrets"), "A=hunter2\n");
    Files.createSymbolicLink(project.resolve(".env"), other.resolve("secrets"));
    assertThat(refusal()).hasMessageContaining("not a link out of it");
  }

  @Test
  void aFolderAndAnEndlessFileAreRefused() throws IOException {
    Files.createDirectory(project.resolve(".env"));
    assertThat(refusal()).hasMessageContaining("must be a file");
    Files.delete(project.resolve(".env"));
    write("#".repeat((1 << 20) + 1));
    assertThat(refusal()).hasMessageContaining("at most 1048576 bytes");
  }

  @Test
  void textThatIsNotUtf8IsRefused() throws IOException {
    Files.write(project.resolve(".env"), new byte[] {'A', '=', (byte) 0xff});
    assertThat(refusal()).hasMessageContaining("must be text in UTF-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1A", "A B", "A=B", "Ä", "A\u0000"})
  void aClientCannotSendWhatIsNoName(String name) {
    assertThat(
            catchThrowableOfType(
                RequestException.class, () -> Environment.given(Map.of(name, "value"))))
        .hasMessageContaining("is no name");
  }

  @Test
  void aClientCannotSendWhatIsNoValue() {
    for (String value : List.of("a\u0000b", "x".repeat((128 << 10) + 1))) {
      assertThat(
              catchThrowableOfType(
                  RequestException.class, () -> Environment.given(Map.of("A", value))))
          .hasMessageStartingWith("env.A: ");
    }
    Map<String, @Nullable String> sent = new HashMap<>();
    sent.put("A", null);
    assertThat(Environment.given(cast(sent))).isEmpty();
  }

  @SuppressWarnings({"unchecked", "NullAway"})
  private static Map<String, String> cast(Map<String, @Nullable String> sent) {
    return (Map<String, String>) (Map<?, ?>) sent;
  }
}
