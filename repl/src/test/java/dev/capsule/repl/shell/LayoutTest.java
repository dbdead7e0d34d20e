package dev.capsule.repl.shell;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1 + 1",
        "",
        "x = [1,\n2]",
        "for x in y:\n    pass\n",
        "if x: pass\n",
        "'''a\nb'''",
        "'unclosed', which is an error to tell",
        "print('a:')  # not a block:",
        "d[1:]",
      })
  void completePython(String source) {
    assertThat(Layout.isComplete(source, Grammar.PYTHON)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "for x in y:",
        "for x in y:\n    pass",
        "x = [1,",
        "x = \\",
        "'''a\nb",
        "@task",
        "@task\ndef f():\n    pass",
        "if x:\n    pass\nelse:\n    pass",
        "f('(', (",
        "if x:  # so",
      })
  void unfinishedPython(String source) {
    assertThat(Layout.isComplete(source, Grammar.PYTHON)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1 + 1",
        "if (x) { y }",
        "`a ${'}'} b`",
        "/[(]/.test(x)",
        "a / b",
        "// (",
        "/* ( */ 1"
      })
  void completeJavaScript(String source) {
    assertThat(Layout.isComplete(source, Grammar.JAVASCRIPT)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"if (x) {", "f(1,", "`a\nb", "(x) =>", "const a =", "/* so", "[`${a}", "{ '}'"})
  void unfinishedJavaScript(String source) {
    assertThat(Layout.isComplete(source, Grammar.JAVASCRIPT)).isFalse();
  }

  @Test
  void linesAreIndentedAsThoseBeforeThem() {
    assertThat(Layout.indentation("def f():", Grammar.PYTHON)).isEqualTo("    ");
    assertThat(Layout.indentation("def f():\n    x = 1", Grammar.PYTHON)).isEqualTo("    ");
    assertThat(Layout.indentation("def f():\n    return 1", Grammar.PYTHON)).isEmpty();
    assertThat(Layout.indentation("d = {'a':", Grammar.PYTHON)).isEmpty();
    assertThat(Layout.indentation("f(", Grammar.PYTHON)).isEqualTo("    ");
    assertThat(Layout.indentation("'''a:", Grammar.PYTHON)).isEmpty();
    assertThat(Layout.indentation("if (x) {", Grammar.JAVASCRIPT)).isEqualTo("  ");
    assertThat(Layout.indentation("if (x) {\n  y();", Grammar.JAVASCRIPT)).isEqualTo("  ");
  }
}
