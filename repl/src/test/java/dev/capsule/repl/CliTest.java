package dev.capsule.repl;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.capsule.repl.Capsule.Ended;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line as a process: what it prints where, and what it ends with. */
class CliTest {
  private static final String HELLO =
      """
      import sys
      from capsule import task

      @task(name="main")
      def main(name="world", *, mark="!"):
          print("greeting", name)
          print("to stderr", file=sys.stderr)
          return f"Hello, {name}{mark}"

      @task(name="numbers")
      def numbers(a=1, b=2):
          return {"sum": a + b, "types": [type(a).__name__]}

      @task(name="nothing")
      def nothing():
          pass

      @task(name="fails")
      def fails():
          return {}["missing"]
      """;

  @TempDir Path folder;
  private Capsule capsule;

  @BeforeEach
  void writeProgram() {
    capsule = new Capsule(folder).with("hello.py", HELLO);
  }

  @Test
  void printsWhatTheTaskPrintsAndThenItsResult() throws Exception {
    Ended ended = capsule.run("run", "hello.py", "Ada");

    assertThat(ended.out()).isEqualTo("greeting Ada\nHello, Ada!\n");
    assertThat(ended.err()).isEqualTo("to stderr\n");
    assertThat(ended.code()).isZero();
  }

  @Test
  void printsOneEnvelopeWithJsonAndTheTasksOutputElsewhere() throws Exception {
    Ended ended = capsule.run("run", "hello.py", "--json");

    JsonObject envelope = envelope(ended);
    assertThat(envelope.get("success").getAsBoolean()).isTrue();
    assertThat(envelope.get("result").getAsString()).isEqualTo("Hello, world!");
    assertThat(envelope.get("error").isJsonNull()).isTrue();
    assertThat(envelope.getAsJsonObject("execution").get("task_name").getAsString())
        .isEqualTo("main");
    assertThat(ended.err()).contains("greeting world\n").contains("to stderr\n");
    assertThat(ended.code()).isZero();
  }

  @Test
  void passesArgumentsAsStringsUnlessTheyAreGivenAsJson() throws Exception {
    Ended words = capsule.run("run", "hello.py", "--task", "numbers", "1", "--", "-5");
    assertThat(words.out())
        .isEqualTo("{\n  \"sum\": \"1-5\",\n  \"types\": [\n    \"str\"\n  ]\n}\n");

    Ended json =
        capsule.run(
            "run",
            "hello.py",
            "--task=numbers",
            "--args-json=[40]",
            "--kwargs-json={\"b\": 2}",
            "--json");
    assertThat(envelope(json).getAsJsonObject("result").get("sum").getAsInt()).isEqualTo(42);
  }

  @Test
  void printsNothingForNoResult() throws Exception {
    assertThat(capsule.run("run", "hello.py", "--task", "nothing")).isEqualTo(new Ended(0, "", ""));
  }

  @Test
  void tellsWhereAndWhyATaskFailed() throws Exception {
    Ended ended = capsule.run("run", "hello.py", "--task", "fails");

    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err())
        .contains("File \"hello.py\", line 20, in fails")
        .contains("capsule: hello.py:20: KeyError: 'missing'")
        .doesNotContain("\tat ");

    Ended json = capsule.run("run", "hello.py", "--task", "fails", "--json");
    assertThat(json.code()).isEqualTo(1);
    JsonObject error = envelope(json).getAsJsonObject("error");
    assertThat(error.get("type").getAsString()).isEqualTo("task_error");
    assertThat(error.get("class").getAsString()).isEqualTo("KeyError");
  }

  @Test
  void pointsAtASyntaxError() throws Exception {
    capsule.with("broken.py", "x = 1\ndef f(:\n    pass\n");

    Ended ended = capsule.run("run", "broken.py");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).contains("broken.py:2:7").contains("def f(:\n").contains("^");
    assertThat(caretColumn(ended.err(), "def f(:")).isEqualTo(6);

    Ended json = capsule.run("run", "broken.py", "--json");
    assertThat(json.code()).isEqualTo(1);
    assertThat(errorType(json)).isEqualTo("source_error");
  }

  /** How far from the start of the shown source the caret stands. */
  private static int caretColumn(String text, String source) {
    List<String> lines = text.lines().toList();
    for (int i = 0; i + 1 < lines.size(); i++) {
      int start = lines.get(i).indexOf(source);
      if (start >= 0) {
        return lines.get(i + 1).indexOf('^') - start;
      }
    }
    return -1;
  }

  @Test
  void suggestsTasksOfASimilarName() throws Exception {
    Ended ended = capsule.run("run", "hello.py", "--task", "number");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).contains("\"number\"").contains("\"numbers\"");

    Ended json = capsule.run("run", "hello.py", "--task", "number", "--json");
    assertThat(json.code()).isEqualTo(2);
    assertThat(errorType(json)).isEqualTo("task_not_found");
  }

  @Test
  void refusesAProgramWithoutTasks() throws Exception {
    Ended ended = capsule.with("empty.py", "x = 1\n").run("run", "empty.py");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).contains("empty.py").contains("@task");
  }

  @Test
  void tellsOfArgumentsThatDoNotFit() throws Exception {
    Ended ended = capsule.run("run", "hello.py", "--task", "nothing", "one");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err()).contains("nothing()");
  }

  @Test
  void refusesFilesThatAreNotThere() throws Exception {
    Ended missing = capsule.run("run", "missing.py");
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.out()).isEmpty();
    assertThat(missing.err()).startsWith("capsule: there is no file missing.py");

    assertThat(capsule.run("run", ".").err()).contains("is a folder");
    assertThat(capsule.with("notes.txt", "").run("run", "notes.txt").err()).contains(".py");
  }

  @Test
  void suggestsOptionsAndCommandsOfASimilarName() throws Exception {
    Ended option = capsule.run("run", "hello.py", "--timeot", "3s");
    assertThat(option.code()).isEqualTo(2);
    assertThat(option.err()).contains("unknown option --timeot; did you mean --timeout?");

    Ended command = capsule.run("runn", "hello.py");
    assertThat(command.code()).isEqualTo(2);
    assertThat(command.err()).contains("unknown command runn; did you mean run or runs?");
  }

  @Test
  void refusesLimitsThatMakeNoSense() throws Exception {
    for (List<String> option :
        List.of(
            List.of("--ram", "abc"), List.of("--timeout", "-1"), List.of("--compute", "HUGE"))) {
      Ended ended = capsule.run("run", "hello.py", option.get(0) + "=" + option.get(1));
      assertThat(ended.code()).as(option.toString()).isEqualTo(2);
      assertThat(ended.out()).isEmpty();
      assertThat(ended.err()).contains(option.get(0)).contains(option.get(1));
    }
    assertThat(capsule.run("run", "hello.py", "--max-retries", "many").code()).isEqualTo(2);
    assertThat(capsule.run("run", "hello.py", "--args-json", "{}").err()).contains("JSON array");
  }

  @Test
  void saysWhatToDoWhenALimitIsReached() throws Exception {
    capsule.with("spin.py", "def main():\n    while True:\n        pass\n");
    Ended ended = capsule.run("run", "spin.py", "--timeout", "300ms");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err()).contains("300ms").contains("--timeout");
  }

  @Test
  void mountsFoldersRelativeToWhereTheUserStands() throws Exception {
    Files.createDirectory(folder.resolve("data"));
    Files.writeString(folder.resolve("data/in.txt"), "content");
    capsule.with(
        "reader.py",
        """
        def main(write="no"):
            if write == "yes":
                open("/box/out.txt", "w").write("new")
            return open("/box/in.txt").read()
        """);

    Ended read = capsule.run("run", "reader.py", "--mount", "data::/box:ro");
    assertThat(read).isEqualTo(new Ended(0, "content\n", ""));
    assertThat(capsule.run("run", "reader.py", "yes", "--mount=data::/box:ro").code()).isEqualTo(1);
    assertThat(folder.resolve("data/out.txt")).doesNotExist();
    assertThat(capsule.run("run", "reader.py", "yes", "--mount=data::/box").code()).isZero();
    assertThat(folder.resolve("data/out.txt")).hasContent("new");
    assertThat(capsule.run("run", "reader.py").code()).isEqualTo(1);
  }

  @Test
  void refusesMountsThatAreNotThere() throws Exception {
    Ended ended = capsule.run("run", "hello.py", "--mount", "nowhere:ro");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).contains("--mount nowhere:ro").contains("does not exist");
  }

  @Test
  void worksThroughLinksFromAnotherFolder() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("linked"), Capsule.launcher());
    Path linkToLink = Files.createSymbolicLink(folder.resolve("again"), Path.of("linked"));
    try {
      Ended ended = capsule.runCommand(List.of(linkToLink.toString(), "run", "hello.py"));
      assertThat(ended.code()).as(ended.err()).isZero();
      assertThat(ended.out()).endsWith("Hello, world!\n");
    } finally {
      Files.delete(linkToLink);
      Files.delete(link);
    }
  }

  @Test
  void keepsNamesAndTextInUtf8WhateverTheLocale() throws Exception {
    capsule.with("größe.py", "def main(word):\n    return word\n");
    Ended ended =
        capsule.runCommand(
            List.of("env", "LC_ALL=C", Capsule.launcher().toString(), "run", "größe.py", "snö ✓"));
    assertThat(ended).isEqualTo(new Ended(0, "snö ✓\n", ""));
  }

  @Test
  void explainsItself() throws Exception {
    Ended version = capsule.run("--version");
    assertThat(version.out()).matches("capsule \\d+\\.\\d+\\.\\d+\\S*\n");
    assertThat(version.code()).isZero();
    assertThat(capsule.run("help").out()).contains("Examples:").contains("Exit status");
    assertThat(capsule.run("help", "run").out()).contains("--mount").contains("Examples:");
    assertThat(capsule.run("run", "--help").out()).contains("--timeout");
    assertThat(capsule.run().code()).isEqualTo(2);
    assertThat(capsule.run("help", "nothing").code()).isEqualTo(2);
  }

  @Test
  void theDoctorFindsAHealthyCheckout() throws Exception {
    Ended ended = capsule.run("doctor");
    assertThat(ended.out()).contains("a Python task").doesNotContain("FAIL");
    assertThat(ended.code()).isZero();
  }

  private static JsonObject envelope(Ended ended) {
    assertThat(ended.out().lines()).as(ended.err()).hasSize(1);
    return JsonParser.parseString(ended.out()).getAsJsonObject();
  }

  private static String errorType(Ended ended) {
    return envelope(ended).getAsJsonObject("error").get("type").getAsString();
  }
}
