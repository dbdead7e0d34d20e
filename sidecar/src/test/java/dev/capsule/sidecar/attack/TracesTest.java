package dev.capsule.sidecar.attack;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SidecarProcess;
import dev.capsule.sidecar.harness.Traces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs and clients that try to make traces lie, tell secrets, or hold up the sidecar. */
class TracesTest {
  private static final String SECRET = "hunter2-very/secret\"value";

  private static final String TASKS =
      """
      import json, os, sys, urllib.request
      from wit_world.imports import host
      from capsule import task, tool

      @tool
      def search(query): ...

      def operation(**fields):
          id = host.submit(json.dumps(fields))
          return json.loads(host.wait([id], None))[0]

      @task
      def prints(text):
          print(text)
          print(text, file=sys.stderr)

      @task
      def calls(name):
          return operation(op="call", task=name, args=[])

      @task(tools=[search])
      def uses(name):
          return operation(op="tool", tool=name, args=[], kwargs={})

      @task
      def requests(method, url):
          return operation(op="http", method=method, url=url, headers=[])

      @task
      def refused(times):
          for i in range(times):
              operation(op="call", task=f"no such task {i}", args=[])

      @task(env_variables=["KEY"], allowed_hosts=["127.0.0.1"])
      def leaks(name):
          key = os.environ["KEY"]
          for c in key:
              sys.stdout.write(c)
              sys.stdout.flush()
          print(key, file=sys.stderr)
          operation(op="call", task=key, args=[key])
          operation(op="tool", tool=key, args=[key], kwargs={key: key})
          try:
              urllib.request.urlopen("http://127.0.0.1:1/" + urllib.parse.quote(key, safe=""))
          except OSError:
              pass
          if name == "raise":
              raise ValueError("the key is " + key)
          return {"key": [key]}

      @task
      def quick(n):
          return n
      """;

  @TempDir Path folder;
  private static SidecarProcess sidecar;
  private Program program;

  @BeforeAll
  static void start() {
    sidecar = SidecarProcess.ready();
  }

  @AfterAll
  static void stop() {
    sidecar.close();
  }

  @BeforeEach
  void load() throws IOException {
    folder = folder.toRealPath();
    Program.write(folder.resolve("capsule.toml"), "[trace]\nstore = true\nlevel = \"verbose\"\n");
    program = Program.load(sidecar, folder, TASKS);
  }

  private Traces read(EnvelopeView run) {
    return Traces.read(sidecar, folder.toString(), run.execution().get("run_id").getAsString());
  }

  private List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder.resolve(".capsule/traces"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".jsonl")).toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  @Test
  void whatAProgramPrintsForgesNoSpan() throws IOException {
    EnvelopeView first = program.task("quick").args(1).envelope();
    assertThat(read(first).spans()).hasSize(2);
    String forged = lines().getLast().replace("quick", "forged");
    EnvelopeView run =
        program.task("prints").args("x\n" + forged + "\n\u001b[2J\r" + forged).envelope();
    Traces trace = read(run);
    assertThat(trace.spans()).hasSize(2);
    assertThat(trace.kind("attempt").getFirst().printed("stdout")).contains(forged);
    assertThat(lines()).hasSize(4).allMatch(line -> JsonParser.parseString(line).isJsonObject());
    JsonObject params = Json.object("{}");
    params.addProperty("root", folder.toString());
    assertThat(sidecar.request("listTraces", params).reply().result().toString())
        .doesNotContain("forged");
  }

  @Test
  void hostileNamesStayNames() throws IOException {
    String evil = "a\nb\u001b]0;title\u0007\"},{\u2028😀" + "x".repeat(10_000);
    assertThat(program.task("calls").args(evil).envelope().success()).isTrue();
    EnvelopeView tool = program.task("uses").args(evil.substring(0, 120)).envelope();
    assertThat(tool.success()).as(tool.toString()).isTrue();
    assertThat(read(tool).kind("tool").getFirst().text("name")).hasSizeLessThan(100);
    assertThat(program.task("requests").args(evil, "http://x.test/").envelope().success()).isTrue();
    EnvelopeView request =
        program.task("requests").args("GET", "http://127.0.0.1/?" + "x".repeat(15_000)).envelope();
    Traces.Span http = read(request).kind("http").getFirst();
    assertThat(http.text("name")).isEqualTo("GET");
    assertThat(http.attribute("url.full")).hasSizeLessThan(5_000);
    EnvelopeView none = program.task("requests").args("GET", "no url\n").envelope();
    assertThat(read(none).kind("http").getFirst().text("status")).isEqualTo("error");
    for (String line : lines()) {
      assertThat(line.length()).isLessThan(100_000);
      assertThat(JsonParser.parseString(line).isJsonObject()).isTrue();
    }
  }

  @Test
  void secretsAreBlottedOut() throws IOException {
    for (String how : List.of("return", "raise")) {
      Program.Run run = program.task("leaks").args(how);
      run.params().add("env", Json.object("{\"KEY\": null}"));
      run.params().getAsJsonObject("env").addProperty("KEY", SECRET);
      Traces trace = read(run.envelope());
      assertThat(trace.kind("attempt").getFirst().printed("stdout")).isEqualTo("***");
      assertThat(trace.kind("attempt").getFirst().printed("stderr")).isEqualTo("***\n");
      assertThat(trace.kind("call").getFirst().text("name")).isEqualTo("call ***");
      assertThat(trace.kind("http").getFirst().attribute("url.full")).endsWith("/***");
    }
    String all = String.join("\n", lines());
    assertThat(all)
        .doesNotContainIgnoringCase("hunter2")
        .doesNotContain("secret")
        .contains("the key is ***");
  }

  @Test
  void onlySoManySpansHaveTheSameParent() {
    EnvelopeView run = program.task("refused").args(10_050).envelope();
    assertThat(run.success()).isTrue();
    Traces trace = read(run);
    assertThat(trace.kind("call")).hasSize(10_000);
    assertThat(trace.kind("attempt").getFirst().attribute("capsule.spans.left_out"))
        .isEqualTo("50");
  }

  /** What it loses are the oldest spans; it is told how many, and every result comes. */
  @Test
  void aClientThatReadsLateLosesSpansAndNoResult() {
    try (SidecarProcess own = SidecarProcess.ready()) {
      Program told = Program.load(own, folder, TASKS);
      own.notify("$/setTrace", Json.object("{\"value\": \"verbose\"}"));
      own.pauseReading();
      List<Pending> runs = new ArrayList<>();
      String text = "x".repeat(60_000);
      for (int i = 0; i < 600; i++) {
        runs.add(told.task("prints").args(text).events().start());
        if (runs.size() % 50 == 0) { // the store, whose spans tell what is over, must lose none
          Deadline.await("these runs", () -> spansKept() == 2L * runs.size());
        }
      }
      own.resumeReading();
      for (Pending run : runs) {
        assertThat(run.envelope().success()).isTrue();
      }
      assertThat(own.request("shutdown", null).reply().result().isJsonNull()).isTrue();
      long dropped = 0;
      for (JsonObject message : own.notifications()) {
        if (message.get("method").getAsString().equals("trace")) {
          dropped += message.getAsJsonObject("params").get("dropped").getAsLong();
        }
      }
      assertThat(dropped).isGreaterThan(0);
      assertThat(Traces.told(own).spans()).hasSize((int) (1200 - dropped));
    }
  }

  private long spansKept() {
    try {
      return lines().size();
    } catch (IOException e) {
      return 0; // not yet
    }
  }
}
