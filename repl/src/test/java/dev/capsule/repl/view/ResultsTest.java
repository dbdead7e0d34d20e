package dev.capsule.repl.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.protocol.RawJson;
import org.junit.jupiter.api.Test;

class ResultsTest {
  @Test
  void textIsShownAsItIs() {
    assertThat(Results.format(new RawJson("\"a \\\"quoted\\\"\\nword ✓\"")))
        .isEqualTo("a \"quoted\"\nword ✓");
  }

  @Test
  void numbersKeepTheirDigits() {
    assertThat(Results.format(new RawJson("123456789012345678901234567890.10")))
        .isEqualTo("123456789012345678901234567890.10");
  }

  @Test
  void structuresAreIndentedAndWhatLooksLikeStructureInTextIsNot() {
    assertThat(Results.format(new RawJson("{\"a\":[1,{\"b\":null}],\"c,{\":\"x:\\\"[y]\\\\\"}")))
        .isEqualTo(
            """
            {
              "a": [
                1,
                {
                  "b": null
                }
              ],
              "c,{": "x:\\"[y]\\\\"
            }\
            """);
  }

  @Test
  void emptyStructuresStayShort() {
    assertThat(Results.format(new RawJson("{\"a\":[],\"b\":{}}")))
        .isEqualTo("{\n  \"a\": [],\n  \"b\": {}\n}");
    assertThat(Results.format(new RawJson("[]"))).isEqualTo("[]");
  }
}
