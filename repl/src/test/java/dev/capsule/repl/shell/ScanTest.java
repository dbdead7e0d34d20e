package dev.capsule.repl.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScanTest {
  private static List<String> tokens(String source, Grammar grammar) {
    return Scan.of(source, grammar).tokens().stream()
        .map(token -> token.kind() + " " + source.substring(token.start(), token.end()))
        .toList();
  }

  @Test
  void findsWhatHasAColour() {
    assertThat(tokens("@task\nfor x in range(0x1F): # so\n    print(f'a\\'b', x)", Grammar.PYTHON))
        .containsExactly(
            "DECORATOR @task",
            "KEYWORD for",
            "KEYWORD in",
            "BUILTIN range",
            "NUMBER 0x1F",
            "COMMENT # so",
            "BUILTIN print",
            "STRING f'a\\'b'");
    assertThat(tokens("const a = /[/]x/g.test(`b${c}`) / 2; // d", Grammar.JAVASCRIPT))
        .containsExactly(
            "KEYWORD const", "STRING /[/]x/g", "STRING `b${c}`", "NUMBER 2", "COMMENT // d");
  }

  @Test
  void knowsWhatIsOpen() {
    assertThat(Scan.of("f([{", Grammar.PYTHON).open()).isEqualTo("([{");
    assertThat(Scan.of("f(')')", Grammar.PYTHON).open()).isEmpty();
    assertThat(Scan.of("\"\"\"a", Grammar.PYTHON).unfinished()).isTrue();
    assertThat(Scan.of("'a", Grammar.PYTHON).unfinished()).isFalse();
    assertThat(Scan.of("`a", Grammar.JAVASCRIPT).unfinished()).isTrue();
  }

  /** It is asked at each key: whatever stands there, it must end, and colours must be within. */
  @Test
  void anyTextIsTakenApart() {
    Random random = new Random(7);
    String alphabet = "ab1 \n\t'\"`\\/*#@(){}[]:$.=>_é\uD83D\uDE00";
    for (int round = 0; round < 5_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(40); length > 0; length--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String source = text.toString();
      for (Grammar grammar : List.of(Grammar.PYTHON, Grammar.JAVASCRIPT)) {
        int end = 0;
        for (Scan.Token token : Scan.of(source, grammar).tokens()) {
          assertThat(token.start()).as(source).isGreaterThanOrEqualTo(end);
          assertThat(token.end()).as(source).isGreaterThan(token.start());
          end = token.end();
        }
        assertThat(end).as(source).isLessThanOrEqualTo(source.length());
        assertThat(Layout.indentation(source, grammar)).as(source).isBlank();
        assertThat(Scan.of(source, grammar).withoutComments(source)).hasSameSizeAs(source);
      }
    }
  }
}
