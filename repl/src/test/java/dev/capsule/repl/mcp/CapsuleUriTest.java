package dev.capsule.repl.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CapsuleUriTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/a",
        "/a b/%41?#[]",
        "/line\nend\r\t\0",
        "/\u202edirection\u0007",
        "/é",
        "/e\u0301",
        "/\ud83d\ude00",
        "/..%2f",
        "//double",
        "/\"<>\\^`{|}"
      })
  void everyNameComesBackAsItWas(String path) {
    String text = new CapsuleUri("session", path).toString();
    assertThat(text).matches("capsule://session/[!-~]*");
    assertThat(CapsuleUri.parse(text)).isEqualTo(new CapsuleUri("session", path));
  }

  @Test
  void whatTheUserSharesHasNoArea() {
    assertThat(new CapsuleUri("", "/data/ü.csv")).hasToString("capsule:///data/%C3%BC.csv");
    assertThat(CapsuleUri.parse("capsule:///data/%C3%BC.csv"))
        .isEqualTo(new CapsuleUri("", "/data/ü.csv"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "file:///a",
        "capsule:a",
        "capsule:///a?b",
        "capsule:///a#b",
        "capsule:///%"
      })
  void othersAreNone(String text) {
    assertThat(CapsuleUri.parse(text)).isNull();
  }
}
