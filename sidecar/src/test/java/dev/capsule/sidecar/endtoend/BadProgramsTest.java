package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.Reply;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that cannot be read: what is said of them, and where the fault stands. */
class BadProgramsTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static Reply loadFails(Path folder, String source) {
    Program.write(folder.resolve("main.py"), source);
    Reply reply = sidecar.process().request("loadProgram", Program.params(folder)).reply();
    assertThat(reply.isError()).as("%s", reply).isTrue();
    return reply;
  }

  private static Reply sourceError(String source) {
    Reply reply = loadFails(sidecar.newFolder(), source);
    assertThat(reply.code()).as("%s", reply).isEqualTo(-32010);
    assertThat(reply.data().get("type").getAsString()).isEqualTo("source_error");
    return reply;
  }

  @Test
  void aSyntaxErrorSaysWhere() {
    Reply reply = sourceError("x = 1\ndef broken(:\n    pass\n");
    JsonObject data = reply.data();
    assertThat(data.get("file").getAsString()).isEqualTo("main.py");
    assertThat(data.get("line").getAsInt()).isEqualTo(2);
    assertThat(data.get("column").getAsInt()).isPositive();
    assertThat(reply.errorMessage()).startsWith("main.py:2:").contains("def broken(:", "^");
  }

  @Test
  void aSyntaxErrorInAModuleNamesThatModule() {
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("helper.py"), "\n\nx = = 1\n");
    Reply reply = loadFails(folder, "import helper\n");
    assertThat(reply.code()).isEqualTo(-32010);
    assertThat(reply.data().get("file").getAsString()).isEqualTo("helper.py");
    assertThat(reply.data().get("line").getAsInt()).isEqualTo(3);
  }

  @Test
  void aTopLevelThatRaisesSaysWhere() {
    Reply reply = sourceError("\n\nraise ValueError('no')\n");
    assertThat(reply.data().get("class").getAsString()).isEqualTo("ValueError");
    assertThat(reply.data().get("line").getAsInt()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "while True:\n    pass\n",
        "import sys\nsys.exit(0)\n",
        "import os\nos._exit(0)\n",
        "def f(n): f(n + 1)\nimport sys\nsys.setrecursionlimit(10**9)\nf(0)\n",
        "x = [0]\nwhile True:\n    x = x + x\n",
        "x = 1\0\n",
        "open('/data/file')\n",
        "from capsule import task\n@task\ndef t(): return 1\nt()\n",
        "from capsule import task\n@task(name=5)\ndef t(): pass\n",
      })
  void aTopLevelThatDoesNotComeToItsEndIsASourceError(String source) {
    assertThat(sourceError(source).errorMessage()).isNotBlank();
  }

  /** Compiling runs none of the source, but what is compiled is hostile as well. */
  @ParameterizedTest
  @ValueSource(strings = {"minus", "dots", "plus", "brackets", "long"})
  void sourceThatCannotBeCompiledIsASourceError(String kind) {
    String source =
        switch (kind) {
          case "minus" -> "x = " + "-".repeat(200_000) + "1\n";
          case "dots" -> "x = y" + ".a".repeat(200_000) + "\n";
          case "plus" -> "x = 1" + " + y".repeat(200_000) + "\n";
          case "brackets" -> "x = " + "[".repeat(100_000) + "]".repeat(100_000) + "\n";
          default -> "x = (" + "y, ".repeat(4_000_000) + ")\n";
        };
    sourceError(source);
  }

  @Test
  void aDecoratorsFaultSaysItsLine() {
    Reply reply =
        loadFails(
            sidecar.newFolder(), "from capsule import task\n\n@task(ram=\"abc\")\ndef t(): pass\n");
    assertThat(reply.code()).isEqualTo(-32602);
    assertThat(reply.data().get("field").getAsString()).isEqualTo("ram");
    assertThat(reply.data().get("value").getAsString()).isEqualTo("abc");
    assertThat(reply.data().get("where").getAsString()).matches("main\\.py:[34]");
  }

  @ParameterizedTest
  @CsvSource({
    "allowed_files=['..'], allowed_files[0]",
    "allowed_files=['nowhere'], allowed_files[0]",
    "mounts=['.'], mounts",
    "max_retries=-1, max_retries",
    "timeout=True, timeout",
    "colour='blue', colour",
  })
  void aDecoratorCannotAskForWhatItMayNot(String options, String field) {
    Reply reply =
        loadFails(
            sidecar.newFolder(),
            "from capsule import task\n@task(" + options + ")\ndef t(): pass\n");
    assertThat(reply.code()).isEqualTo(-32602);
    assertThat(reply.data().get("field").getAsString()).isEqualTo(field);
  }

  @ParameterizedTest
  @CsvSource({
    "language, '', language",
    "language, cobol, language",
    "root, '', root",
    "root, relative/path, root",
    "root, /nowhere/at/all, root",
    "file, main.py, file",
    "file, /etc/passwd, file",
    "module, '', module",
  })
  void aFieldThatCannotBe(String name, String value, String field) {
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("main.py"), "");
    JsonObject params = Program.params(folder);
    params.add(name, new JsonPrimitive(value));
    Reply reply = sidecar.process().request("loadProgram", params).reply();
    assertThat(reply.code()).isEqualTo(-32602);
    assertThat(reply.data().get("field").getAsString()).isEqualTo(field);
    params.remove(name);
    assertThat(sidecar.process().request("loadProgram", params).reply().code()).isEqualTo(-32602);
  }

  @Test
  void aFileThatIsMissingOrNoTextIsNamed() throws IOException {
    Path folder = sidecar.newFolder();
    Reply missing = sidecar.process().request("loadProgram", Program.params(folder)).reply();
    assertThat(missing.code()).isEqualTo(-32602);
    assertThat(missing.errorMessage()).contains("main.py").contains("existing file");
    Files.write(folder.resolve("main.py"), new byte[] {'x', '=', (byte) 0xff});
    Reply notText = sidecar.process().request("loadProgram", Program.params(folder)).reply();
    assertThat(notText.code()).isEqualTo(-32602);
    assertThat(notText.errorMessage()).contains("UTF-8");
    Files.delete(folder.resolve("main.py"));
    Files.createDirectory(folder.resolve("main.py"));
    assertThat(sidecar.process().request("loadProgram", Program.params(folder)).reply().code())
        .isEqualTo(-32602);
  }
}
