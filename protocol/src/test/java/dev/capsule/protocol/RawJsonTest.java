package dev.capsule.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON that is passed on as text. */
class RawJsonTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "0",
        "-0",
        "1.50",
        "1e+5",
        "123456789012345678901234567890",
        "\"\"",
        "[]",
        "{}",
        "[[],{}]",
        "{\"a\":1,\"a\":2}",
        "\"<&>é😀\"",
        "{\"\":[null,-1E-7]}"
      })
  void whatIsWrittenWithoutSpacesStaysAsItIs(String json) throws IOException {
    assertThat(RawJson.parse(json).text()).isEqualTo(json);
  }

  @Test
  void spacesAndEscapesAreNormalised() throws IOException {
    assertThat(RawJson.parse(" { \"\\u0061\" : [ 1 , \"\\/\" ] } ").text())
        .isEqualTo("{\"a\":[1,\"/\"]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "1 2",
        "[1,]",
        "{\"a\":1,}",
        "[",
        "nul",
        "NaN",
        "-Infinity",
        "01",
        "+1",
        "1.",
        ".5",
        "'a'",
        "\"\t\"",
        "\"\\x\"",
        "\"\\ud800\"",
        "{a:1}",
        "[1;2]",
        "/**/1",
        "TRUE"
      })
  void whatIsNotJsonIsRefused(String json) {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> RawJson.parse(json))
        .satisfies(e ->
            assertThat(Json.problem(e)).isNotBlank().doesNotContain("Strictness", "http", "\n"));
  }

  @Test
  void depthIsBounded() throws IOException {
    String deepest = "[".repeat(Json.MAX_DEPTH) + "]".repeat(Json.MAX_DEPTH);
    assertThat(RawJson.parse(deepest).text()).isEqualTo(deepest);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> RawJson.parse("[" + deepest + "]"));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> RawJson.parse("{\"a\":".repeat(1_000_000)));
  }
}
