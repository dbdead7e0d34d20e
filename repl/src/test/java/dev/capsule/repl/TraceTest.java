package dev.capsule.repl;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.capsule.repl.Capsule.Ended;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code capsule trace}: what {@code capsule run} has kept. */
class TraceTest {
  private static final String PROGRAM =
      """
      from capsule import task

      @task
      def main(name="world"):
          print("greeting", name)
          return helper(name)

      @task
      def helper(name):
          if name == "nobody":
              raise ValueError("no such\\n\\x1b[31mname")
          return "Hello, " + name
      """;

  @TempDir Path folder;
  private Capsule capsule;

  @BeforeEach
  void write() {
    capsule = new Capsule(folder).with("hello.py", PROGRAM);
  }

  private static JsonObject json(Ended ended) {
    assertThat(ended.err()).isEmpty();
    return JsonParser.parseString(ended.out()).getAsJsonObject();
  }

  @Test
  void whatRanIsListedAndShown() throws Exception {
    assertThat(capsule.run("run", "hello.py").code()).isZero();
    assertThat(capsule.run("run", "hello.py", "nobody").code()).isOne();
    Ended list = capsule.run("trace", "ls");
    assertThat(list.code()).as(list.err()).isZero();
    assertThat(list.out().lines()).hasSize(3);
    assertThat(list.out()).contains("STARTED", "main", "task_error");
    JsonObject failed = json(capsule.run("trace", "ls", "--failed", "--json"));
    JsonArray traces = failed.getAsJsonArray("traces");
    assertThat(traces).hasSize(1);
    String run = traces.get(0).getAsJsonObject().get("run_id").getAsString();

    Ended shown = capsule.run("trace", "show", run.substring(0, 8));
    assertThat(shown.code()).as(shown.err()).isZero();
    assertThat(shown.out().lines().map(String::strip))
        .anyMatch(line -> line.startsWith("task main") && line.contains("error"))
        .anyMatch(line -> line.endsWith("> greeting nobody"))
        .anyMatch(line -> line.contains("└─ task helper"));
    assertThat(shown.out()).contains("no such\\n\\x1b[31mname").doesNotContain("\u001b");
    JsonObject spans = json(capsule.run("trace", "show", run, "--json"));
    assertThat(spans.getAsJsonArray("spans")).hasSize(4);
    assertThat(folder.resolve(".capsule")).doesNotExist();
  }

  @Test
  void aProjectKeepsItsOwn() throws Exception {
    capsule.with("capsule.toml", "[trace]\nlevel = \"verbose\"\n");
    assertThat(capsule.run("run", "hello.py", "you").code()).isZero();
    assertThat(Files.readString(folder.resolve(".capsule/.gitignore"))).isEqualTo("*\n");
    String run =
        json(capsule.run("trace", "ls", "--json"))
            .getAsJsonArray("traces")
            .get(0)
            .getAsJsonObject()
            .get("run_id")
            .getAsString();
    assertThat(capsule.run("trace", "show", run, "--json").out())
        .contains("\"capsule.result\":\"\\\"Hello, you\\\"\"");
  }

  @Test
  void whatIsNotThereIsSaid() throws Exception {
    Ended list = capsule.run("trace", "ls");
    assertThat(list.code()).isZero();
    assertThat(list.err()).contains("There are no traces in");
    Ended shown = capsule.run("trace", "show", "r-nothing");
    assertThat(shown.code()).isEqualTo(2);
    assertThat(shown.err()).contains("is no run, trace or workflow");
    assertThat(capsule.run("trace").code()).isEqualTo(2);
    assertThat(capsule.run("trace", "show").code()).isEqualTo(2);
    assertThat(capsule.run("trace", "ls", "--limit", "many").code()).isEqualTo(2);
    assertThat(capsule.run("trace", "show", "--help").out()).contains("Shows one trace as a tree");
  }

  @Test
  void spansCanBeFollowed() throws Exception {
    capsule.with("capsule.toml", "");
    Capsule.Running follower = capsule.start("trace", "follow", "--json");
    follower.awaitErrors("following");
    assertThat(capsule.run("run", "hello.py", "you").code()).isZero();
    follower.awaitOutput("\"name\":\"main\"");
    follower.signal("INT");
    Ended ended = follower.awaitEnd();
    assertThat(ended.code()).isEqualTo(130);
    assertThat(ended.out().lines()).hasSize(4).allMatch(line -> line.startsWith("{\"trace_id\""));
  }
}
