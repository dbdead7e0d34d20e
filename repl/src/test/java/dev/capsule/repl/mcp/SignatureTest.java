package dev.capsule.repl.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.capsule.repl.mcp.Signature.Kind;
import dev.capsule.repl.mcp.Signature.Parameter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureTest {
  private static List<String> told(Signature signature) {
    return signature.parameters().stream().map(SignatureTest::told).toList();
  }

  private static String told(Parameter parameter) {
    return parameter.name()
        + " "
        + parameter.kind()
        + " "
        + parameter.type()
        + (parameter.required() ? "!" : "")
        + (parameter.value() == null ? "" : "=" + parameter.value());
  }

  @Test
  void readsThoseOfPython() {
    Signature signature =
        Signature.of(
            "(a, b: dict[str, int], /, c: str = 'x, y', *rest: int, d: float, e=f(1, 2), **more)"
                + " -> list[str]",
            true);
    assertThat(told(signature))
        .containsExactly(
            "a POSITIONAL !",
            "b POSITIONAL dict[str, int]!",
            "c EITHER str=\"x, y\"",
            "rest REST int",
            "d NAMED float!",
            "e NAMED ",
            "more MORE ");
  }

  @Test
  void readsThoseOfTypeScript() {
    Signature signature =
        Signature.of(
            "(first: { a: string, b?: number }, second?: Map<string, number>, { x, y }: Point,"
                + " ...rest: Array<string>): Promise<void>",
            false);
    assertThat(told(signature))
        .containsExactly(
            "first POSITIONAL { a: string, b?: number }!",
            "second POSITIONAL Map<string, number>",
            "arg3 POSITIONAL Point!",
            "rest REST string");
    assertThat(signature.parameters().getLast().kind()).isEqualTo(Kind.REST);
  }

  @Test
  void makesASchemaOfThem() {
    Signature signature = Signature.of("(a: int, b: str = 'x', *rest: float, **more)", true);
    assertThat(signature.schema())
        .isEqualTo(
            JsonParser.parseString(
                """
                {"type": "object",
                 "properties": {
                   "a": {"type": "integer"},
                   "b": {"type": "string", "default": "x"},
                   "rest": {"type": "array", "items": {"type": "number"}}},
                 "required": ["a"],
                 "additionalProperties": true}
                """));
    assertThat(Signature.of("(a: int)", true).schema().get("additionalProperties").getAsBoolean())
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "(", ")", "()", "no brackets", "() -> int", "(  )"})
  void whatHasNoParametersHasNone(String text) {
    assertThat(Signature.of(text, true).parameters()).isEmpty();
    assertThat(Signature.of(text, false).parameters()).isEmpty();
  }
}
