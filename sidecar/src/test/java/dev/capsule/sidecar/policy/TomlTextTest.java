package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that a parser does not like. */
class TomlTextTest {
  private static TomlText.MistakeException mistake(String text) {
    return catchThrowableOfType(
        TomlText.MistakeException.class,
        () -> {
          var _ = TomlText.parse(text);
        });
  }

  /** Unguarded, fifty thousand of them keep the parser busy for days. */
  @ParameterizedTest
  @ValueSource(strings = {"\n", " \t\r\n", "# comment\n", "  #\n"})
  void manyEmptyLinesAreRefused(String line) {
    for (String before : new String[] {"", "a = 1\n", "a = [\n", "a = \"\"\"\n"}) {
      assertThat(mistake(before + line.repeat(50_000)))
          .hasMessage(
              "has more than 500 blank lines and comments one after the other; leave some out")
          .returns(501 + (int) before.lines().count(), TomlText.MistakeException::line);
    }
  }

  @Test
  void someEmptyLinesAreNot() throws Exception {
    String part = "\n".repeat(250) + "# c\n".repeat(250);
    var table = TomlText.parse(part + "a = 1\n" + part + "b = 2 # end\n" + part);
    assertThat(table.getLong("a")).isEqualTo(1);
    assertThat(table.getLong("b")).isEqualTo(2);
  }

  @Test
  void aMistakeHasItsPlaceAndIsShort() {
    TomlText.MistakeException e = mistake("a = 1\nb = " + "x".repeat(10_000) + "\n");
    assertThat(e).hasMessageStartingWith("is not TOML: ");
    assertThat(e.getMessage()).hasSizeLessThan(400);
    assertThat(e.line()).isEqualTo(2);
    assertThat(e.column()).isEqualTo(5);
  }
}
