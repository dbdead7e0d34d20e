package dev.capsule.repl.view;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VisibleTest {
  @Test
  void escapeSequencesBecomeText() {
    assertThat(Visible.of("\u001b]0;title\u0007\u001b[2J\r\b\u007f\u009b31m"))
        .isEqualTo("\\x1b]0;title\\x07\\x1b[2J\\x0d\\x08\\x7f\\x9b31m");
  }

  @Test
  void charactersThatTurnTextAroundBecomeText() {
    assertThat(Visible.of("a\u202eb\u2066c")).isEqualTo("a\\u202eb\\u2066c");
  }

  @Test
  void ordinaryTextStaysTheSameObject() {
    String text = "tabs\tlines\n größe 你好 😀";
    assertThat(Visible.of(text)).isSameAs(text);
  }
}
