package dev.capsule.repl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FramesTest {
  @Test
  void whatIsWrittenIsRead() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Frames.write(bytes, "{\"größe\":\"✓\"}");
    Frames.write(bytes, "");
    InputStream in = new ByteArrayInputStream(bytes.toByteArray());
    assertThat(Frames.read(in)).isEqualTo("{\"größe\":\"✓\"}");
    assertThat(Frames.read(in)).isEmpty();
    assertThat(Frames.read(in)).isNull();
  }

  @Test
  void otherHeadersAndTheCaseOfNamesDoNotMatter() throws IOException {
    assertThat(Frames.read(stream("Content-Type: text\r\ncontent-length:2\r\n\r\n{}")))
        .isEqualTo("{}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\n\r\n{}",
        "Content-Length: 2\r\n",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: many\r\n\r\n",
        "Content-Length: 99999999999\r\n\r\n",
        "Content-Type: text\r\n\r\n{}",
        "half a hea",
      })
  void brokenFramesAreErrors(String text) {
    assertThatThrownBy(() -> Frames.read(stream(text))).isInstanceOf(IOException.class);
  }

  @Test
  void anEndlessHeaderIsAnError() {
    assertThatThrownBy(() -> Frames.read(stream("x".repeat(100_000))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too long");
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
