package dev.capsule.repl;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.capsule.repl.Capsule.Ended;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code capsule init}, {@code config} and {@code run} in a project with a configuration. */
class ProjectTest {
  private static final String PROGRAM =
      """
      import os
      from capsule import task

      @task(name="main", ram="128MB", timeout="20s")
      def main(*words):
          return list(words)

      @task(name="env", env_variables=["CAPSULE_TEST_DECLARED"])
      def env(name):
          return os.environ.get(name, "absent")
      """;

  @TempDir Path folder;
  private Capsule capsule;

  @BeforeEach
  void begin() {
    capsule = new Capsule(folder);
  }

  @Test
  void whatInitWritesIsValidAndRuns() throws Exception {
    Ended init = capsule.run("init", "project \"one\"");
    assertThat(init.code()).as(init.err()).isZero();
    Path project = folder.resolve("project \"one\"");
    assertThat(project.resolve("capsule.toml")).exists();

    Capsule there = new Capsule(project);
    Ended config = there.run("config");
    assertThat(config.err()).isEmpty();
    assertThat(config.out())
        .contains("configuration  capsule.toml\n")
        .contains("workflow       project \"one\"\n")
        .contains("entrypoint     main.py\n");
    assertThat(there.run("run")).isEqualTo(new Ended(0, "Hello, world!\n", ""));
    assertThat(there.run("run", "--", "Ada").out()).isEqualTo("Hello, Ada!\n");
  }

  /** Each line that is commented out is a setting that the sidecar understands. */
  @Test
  void whatInitShowsIsValidToo() throws Exception {
    assertThat(capsule.run("init").code()).isZero();
    Path file = folder.resolve("capsule.toml");
    List<String> lines = new ArrayList<>();
    for (String line : Files.readString(file).lines().toList()) {
      boolean setting = line.matches("# (\\[[a-z.]+]|[a-z_]+ = .*)");
      // network is another word for the hosts, and may not stand beside them.
      lines.add(setting && !line.startsWith("# network") ? line.substring(2) : line);
    }
    assertThat(lines).contains("[ceiling]", "[tasks.fetch]");
    Files.write(file, lines);
    Files.createDirectories(folder.resolve("data"));
    Files.createDirectories(folder.resolve("out"));
    Files.writeString(
        folder.resolve("main.py"),
        "from capsule import task\n@task\ndef main(): pass\n@task\ndef fetch(): pass\n");
    Ended config = capsule.run("config");
    assertThat(config.err()).isEmpty();
    assertThat(config.out()).contains("ceiling\n").contains("allowed_hosts");
  }

  /** What the comments show as defaults are the defaults. */
  @Test
  void whatInitShowsAsDefaultsAreTheDefaults() throws Exception {
    Ended before = capsule.run("config", "--json");
    assertThat(capsule.run("init").code()).isZero();
    Path file = folder.resolve("capsule.toml");
    String text = Files.readString(file).replaceAll("(?m)^# (default_)", "$1");
    assertThat(text).contains("\ndefault_ram");
    Files.writeString(file, text);
    Ended after = capsule.run("config", "--json");
    assertThat(values(after)).isEqualTo(values(before)).hasSizeGreaterThan(8);
  }

  private static List<String> values(Ended config) {
    assertThat(config.err()).isEmpty();
    return JsonParser.parseString(config.out())
        .getAsJsonObject()
        .getAsJsonArray("defaults")
        .asList()
        .stream()
        .map(setting ->
            setting.getAsJsonObject().get("name") + "=" + setting.getAsJsonObject().get("value"))
        .toList();
  }

  @Test
  void initOverwritesNothing() throws Exception {
    capsule.with("capsule.toml", "# mine\n").with("tool.py", PROGRAM);
    Ended refused = capsule.run("init");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("capsule.toml is there already").contains("--force");
    assertThat(folder.resolve("capsule.toml")).hasContent("# mine");

    Ended forced = capsule.run("init", "--force");
    assertThat(forced.code()).isZero();
    assertThat(forced.out()).contains("replaced capsule.toml").contains("entrypoint");
    // There is a program, so none is added; and no entrypoint is made up.
    assertThat(folder.resolve("main.py")).doesNotExist();
    Ended run = capsule.run("run");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("name the FILE").contains("[workflow]\n  entrypoint =");
    assertThat(capsule.run("init", "tool.py").err()).contains("is no folder");
  }

  @Test
  void configTellsWhoSaidWhat() throws Exception {
    capsule
        .with("capsule.toml", "[tasks]\ndefault_ram = \"64MB\"\ndefault_max_retries = 2\n")
        .with("main.py", PROGRAM);
    Ended shown = capsule.run("config", "main.py");
    assertThat(shown.code()).as(shown.err()).isZero();
    assertThat(shown.out())
        .contains("task main, main.py:4\n")
        .containsPattern("ram +128MB +main.py:4\n")
        .containsPattern("max_retries +2 +capsule.toml:3\n");

    Ended json = capsule.run("config", "main.py", "--json");
    JsonObject config = JsonParser.parseString(json.out()).getAsJsonObject();
    assertThat(config.getAsJsonArray("tasks")).hasSize(2);
    assertThat(config.get("config").getAsString()).endsWith("capsule.toml");
    assertThat(capsule.run("config", "main.py", "--no-config").out())
        .contains("configuration  none")
        .doesNotContain("capsule.toml:3");
  }

  @Test
  void aMistakeInTheConfigurationIsShownWhereItStands() throws Exception {
    capsule.with("capsule.toml", "[tasks]\ndefalt_ram = \"64MB\"\n").with("main.py", PROGRAM);
    String expected =
        """
        capsule: capsule.toml:2:1: tasks.defalt_ram "64MB": is neither a default nor a table \
        [tasks.NAME]; did you mean "default_ram"?
            defalt_ram = "64MB"
            ^
        """;
    for (List<String> line :
        List.of(List.of("run", "main.py"), List.of("config"), List.of("config", "main.py"))) {
      assertThat(capsule.run(line.toArray(String[]::new))).isEqualTo(new Ended(2, "", expected));
    }
    Ended json = capsule.run("run", "main.py", "--json");
    assertThat(json.code()).isEqualTo(2);
    assertThat(json.out().lines()).hasSize(1);
    assertThat(json.out()).contains("\"success\":false").contains("capsule.toml:2:1");
    assertThat(capsule.run("run", "main.py", "--no-config").code()).isZero();
  }

  @Test
  void whatIsWrongWithTheCommandLineIsAnEnvelopeToo() throws Exception {
    for (String wrong : List.of("missing.py", "--no-such-option")) {
      Ended ended = capsule.run("run", wrong, "--json");
      assertThat(ended.code()).isEqualTo(2);
      assertThat(ended.out().lines()).hasSize(1);
      assertThat(ended.out()).contains("\"type\":\"invalid_arguments\"").contains(wrong);
    }
  }

  @Test
  void theCeilingHolds() throws Exception {
    capsule.with("main.py", PROGRAM);
    Ended ended = capsule.run("run", "main.py", "--max-ram", "64MB", "--json", "--stats");
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.out()).contains("\"ram\":64000000").contains("\"lowered\":[\"ram\"]");
    assertThat(ended.err()).startsWith("main: ").contains("lowered by the ceiling: ram");

    Ended denied = capsule.run("run", "main.py", "--no-files", "--mount", ".:ro");
    assertThat(denied.code()).isEqualTo(1);
    assertThat(denied.err()).contains("ceiling").contains("allowed_files");
  }

  @Test
  void refusesAFileThatReadingWouldWaitFor() throws Exception {
    assertThat(new ProcessBuilder("mkfifo", folder + "/pipe.py").start().waitFor()).isZero();
    Ended ended = capsule.run("run", "pipe.py");
    assertThat(ended).isEqualTo(new Ended(2, "", "capsule: pipe.py is not an ordinary file\n"));
  }
}
