package dev.capsule.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextsTest {
  @Test
  void whatEveryStoreKeepsIsLeftAsItIs() {
    for (String text : new String[] {"", "abc", "é\u2028\uffff", "😀", "\"\\ud800\""}) {
      assertThat(Texts.json(text)).isSameAs(text);
      assertThat(Texts.plain(text)).isSameAs(text);
    }
  }

  @Test
  void halvesOfPairsAreEscapedOrReplaced() {
    assertThat(Texts.json("\"a\ud800b\udc00\ud83d\ude00\ud83d\""))
        .isEqualTo("\"a\\ud800b\\udc00😀\\ud83d\"");
    assertThat(Texts.plain("a\ud800b\udc00😀\u0000")).isEqualTo("a\ufffdb\ufffd😀\ufffd");
  }
}
