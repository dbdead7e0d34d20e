package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DotEnvTest {
  private static Map<String, String> parse(String text) throws DotEnv.Malformed {
    return DotEnv.parse(text);
  }

  private static Stream<Arguments> values() {
    return Stream.of(
        arguments("A=b", "b"),
        arguments("A = b c  # comment", "b c"),
        arguments("export A=b", "b"),
        arguments("\texport\tA=b", "b"),
        arguments("A=b#no comment", "b#no comment"),
        arguments("A=#nothing", ""),
        arguments("A=", ""),
        arguments("A=''", ""),
        arguments("A='b # c' # comment", "b # c"),
        arguments("A=\"b # c\"", "b # c"),
        arguments("A='b\\n'", "b\\n"),
        arguments("A=\"b\\n\\t\\r\"", "b\n\t\r"),
        arguments("A=\"say \\\"b\\\"\"", "say \"b\""),
        arguments("A=\"\\$B \\\\ \\x\"", "$B \\ \\x"),
        arguments("A=$B ${C}", "$B ${C}"),
        arguments("A=b=c", "b=c"),
        arguments("A=it's", "it's"),
        arguments("A=b\r\n", "b"),
        arguments("\ufeffA=b", "b"),
        arguments("# A=x\n\n A=b", "b"),
        arguments("A=x\nA=b", "b"));
  }

  @ParameterizedTest
  @MethodSource("values")
  void aValueIsWhatUsersMean(String text, String value) throws DotEnv.Malformed {
    assertThat(parse(text)).containsExactly(Map.entry("A", value));
  }

  @Test
  void quotedValuesMayHaveSeveralLines() throws DotEnv.Malformed {
    assertThat(parse("KEY=\"-----BEGIN\nabc\n-----END\\n\"\nB='1\n2'\n"))
        .containsExactly(Map.entry("KEY", "-----BEGIN\nabc\n-----END\n"), Map.entry("B", "1\n2"));
  }

  @Test
  void aVariableMayBeNamedExport() throws DotEnv.Malformed {
    assertThat(parse("export=1")).containsExactly(Map.entry("export", "1"));
  }

  @Test
  void anEmptyFileHasNone() throws DotEnv.Malformed {
    assertThat(parse("")).isEmpty();
    assertThat(parse("\n# nothing\n")).isEmpty();
  }

  private static Stream<Arguments> malformed() {
    return Stream.of(
        arguments("A=1\nhunter2", 2, "must be NAME=value"),
        arguments("1A=hunter2", 1, "must be NAME=value"),
        arguments("A-B=hunter2", 1, "must be NAME=value"),
        arguments("=hunter2", 1, "must be NAME=value"),
        arguments("export", 1, "must be NAME=value"),
        arguments("A='1\n2'\nB=\"hunter2\n", 3, "never closed"),
        arguments("A='hunter2' x", 1, "after the closing quote"),
        arguments("A=hunter2\0", 1, "NUL"),
        arguments("A='hunter2\0'", 1, "NUL"));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void whatIsNoVariableIsRefusedWithoutBeingShown(String text, int line, String why) {
    DotEnv.Malformed refusal = catchThrowableOfType(DotEnv.Malformed.class, () -> parse(text));
    assertThat(refusal).hasMessageContaining(why);
    assertThat(refusal.line()).isEqualTo(line);
    assertThat(refusal.getMessage()).doesNotContain("hunter2");
  }
}
