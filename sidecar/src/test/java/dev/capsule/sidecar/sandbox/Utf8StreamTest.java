package dev.capsule.sidecar.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Text of bytes that come in pieces. */
class Utf8StreamTest {
  private static final String TEXT = "a\0é€😀\uFEFF\uFFFF\n\u202e𐀀";

  @Test
  void wherePiecesAreCutDoesNotMatter() {
    byte[] bytes = TEXT.repeat(50).getBytes(UTF_8);
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      Utf8Stream stream = new Utf8Stream();
      StringBuilder text = new StringBuilder();
      for (int at = 0; at < bytes.length; ) {
        int end = Math.min(bytes.length, at + random.nextInt(6));
        String piece = stream.decode(Arrays.copyOfRange(bytes, at, end), false);
        assertThat(piece.isEmpty() || !Character.isHighSurrogate(piece.charAt(piece.length() - 1)))
            .as("never inside a character")
            .isTrue();
        text.append(piece);
        at = end;
      }
      text.append(stream.decode(new byte[0], true));
      assertThat(text).hasToString(TEXT.repeat(50));
    }
  }

  @Test
  void whatIsNotUtf8IsReplacedAndTheRestKept() {
    Utf8Stream stream = new Utf8Stream();
    byte[] bytes = {'a', (byte) 0xff, 'b', (byte) 0xc3, 'c', (byte) 0xed, (byte) 0xa0, (byte) 0x80};
    assertThat(stream.decode(bytes, false) + stream.decode(new byte[0], true))
        .startsWith("a\uFFFDb\uFFFDc\uFFFD")
        .doesNotContain("\ud800");
  }

  @Test
  void aCutCharacterAtTheEndIsReplaced() {
    Utf8Stream stream = new Utf8Stream();
    assertThat(stream.decode(new byte[] {'x', (byte) 0xe2, (byte) 0x82}, false)).isEqualTo("x");
    assertThat(stream.decode(new byte[0], true)).isEqualTo("\uFFFD");
  }
}
