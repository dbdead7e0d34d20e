package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.NeedsJavaScript;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.RawServer;
import dev.capsule.sidecar.harness.Reply;
import dev.capsule.sidecar.harness.SidecarProcess;
import dev.capsule.sidecar.harness.Traces;
import dev.capsule.sidecar.harness.WorkflowClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told and kept of what happened. */
class TracesTest {
  private static final String TASKS =
      """
      import os, sys, urllib.request
      from capsule import task, tool

      @tool
      def search(query): ...

      @task(ram="128MB", timeout="20s")
      def parent(n):
          print("before")
          print("oops", file=sys.stderr)
          print("after")
          return sum(child(i) for i in range(n))

      @task
      def child(n):
          return n

      @task(max_retries=1)
      def fails():
          raise ValueError("no such luck")

      @task(tools=[search])
      def tools(query):
          return search(query)

      @task(allowed_hosts=["127.0.0.1"])
      def fetches(url, headers={}):
          request = urllib.request.Request(url, headers=headers, data=b"12345")
          with urllib.request.urlopen(request) as answer:
              return answer.read().decode()

      @task(tasks=["child"])
      def refused():
          try:
              parent(1)
          except Exception as problem:
              return str(problem)

      @task(env_variables=["KEY"])
      def files():
          with open("/in/a.txt", "a+") as file:
              file.write("more")
          open("/in/" + os.environ["KEY"], "w").close()
          at = os.open("/in/b", os.O_RDONLY)
          os.close(os.open("c.txt", os.O_RDONLY, dir_fd=at))
          try:
              open("/in/none")
          except FileNotFoundError:
              pass

      @task
      def copies(text):
          with open("/in/a.txt") as a, open("/in/b.txt", "w") as b:
              b.write(a.read() * 1000)
          with open("/in/b.txt", "r+b", buffering=0) as both:
              both.read(3)
              both.seek(-2, 2)
              both.write(b"four")
          left = open("/in/b.txt", "a")
          left.write(text)
          left.flush()
          global kept
          kept = left

      @task
      def opens(times):
          for _ in range(times):
              open("/in/a.txt").close()

      @task
      def prints(times):
          for _ in range(times):
              print("x" * 1000)
      """;
  private static final String CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

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
  void load() throws Exception {
    folder = folder.toRealPath();
    Program.write(folder.resolve("capsule.toml"), "[trace]\nstore = true\n");
    program = Program.load(sidecar, folder, TASKS);
  }

  private static String present(@Nullable String text) {
    return Objects.requireNonNull(text);
  }

  private Traces read(EnvelopeView run) {
    return read(run.execution().get("run_id").getAsString());
  }

  private Traces read(String run) {
    return Traces.read(sidecar, folder.toString(), run);
  }

  private List<JsonObject> list(String more) {
    JsonObject params = Json.object("{" + more + "}");
    params.addProperty("root", folder.toString());
    return sidecar
        .request("listTraces", params)
        .reply()
        .result()
        .getAsJsonObject()
        .getAsJsonArray("traces")
        .asList()
        .stream()
        .map(each -> each.getAsJsonObject())
        .toList();
  }

  @Test
  void whatIsOpenedIsTold() throws Exception {
    Files.createDirectories(folder.resolve("in/b"));
    Program.write(folder.resolve("in/a.txt"), "some");
    Program.write(folder.resolve("in/b/c.txt"), "some");
    Program.Run run = program.task("files").option("mounts", Json.array("in"));
    run.params().add("env", Json.object("{\"KEY\": \"a secret\"}"));
    Traces trace = read(run.envelope());

    Traces.Span attempt = trace.one("attempt", "attempt 1");
    assertThat(trace.kind("file"))
        .extracting(span ->
            List.of(
                span.text("name"),
                span.text("status"),
                present(span.attribute("capsule.file.mode")),
                String.valueOf(span.attribute("capsule.file.read_bytes")),
                String.valueOf(span.attribute("capsule.file.written_bytes")),
                String.valueOf(span.attribute("error.type"))))
        .containsExactly(
            List.of("open /in/a.txt", "ok", "read write create", "0", "4", "null"),
            List.of("open /in/***", "ok", "write create truncate", "null", "0", "null"),
            List.of("open /in/b", "ok", "read", "0", "null", "null"),
            List.of("open /in/b/c.txt", "ok", "read", "0", "null", "null"),
            List.of("open /in/none", "error", "read", "null", "null", "no-entry"));
    assertThat(trace.kind("file")).allMatch(span -> attempt.text("span_id").equals(span.parent()));
    assertThat(trace.kind("file").getFirst().attribute("file.path")).isEqualTo("/in/a.txt");
  }

  @Test
  void whatIsReadAndWrittenIsCounted() throws Exception {
    Program.write(folder.resolve("in/a.txt"), "somé"); // five bytes
    EnvelopeView run =
        program.task("copies").args("néw").option("mounts", Json.array("in::/in:rw")).envelope();
    assertThat(run.value().isJsonNull()).isTrue();
    assertThat(moved(read(run)))
        .containsExactly(
            List.of("open /in/a.txt", "5", "null"),
            List.of("open /in/b.txt", "null", "5000"),
            List.of("open /in/b.txt", "3", "4"),
            List.of("open /in/b.txt", "null", "4"));
  }

  private static List<List<String>> moved(Traces trace) {
    return trace.kind("file").stream()
        .map(span ->
            List.of(
                span.text("name"),
                String.valueOf(span.attribute("capsule.file.read_bytes")),
                String.valueOf(span.attribute("capsule.file.written_bytes"))))
        .toList();
  }

  /** What a cell has opened, and later cells use, is told of each of those. */
  @Test
  void whatStaysOpenIsCountedByCell() throws Exception {
    Program.write(folder.resolve("in/a.txt"), "some");
    JsonObject open =
        Json.object("{\"language\": \"python\", \"options\": {\"mounts\": [\"in\"]}}");
    open.addProperty("root", folder.toString());
    String session =
        sidecar
            .request("openSession", open)
            .reply()
            .result()
            .getAsJsonObject()
            .get("session_id")
            .getAsString();
    assertThat(moved(cell(session, "f = open('/in/a.txt', 'r+b', buffering=0)")))
        .containsExactly(List.of("open /in/a.txt", "0", "0"));
    assertThat(moved(cell(session, "1"))).isEmpty();
    assertThat(moved(cell(session, "f.read(3), f.write(b'12')")))
        .containsExactly(List.of("open /in/a.txt", "3", "2"));
    assertThat(moved(cell(session, "f.write(b'123'); f.close()")))
        .containsExactly(List.of("open /in/a.txt", "0", "3"));
    assertThat(moved(cell(session, "len(open('/in/a.txt').read())")))
        .containsExactly(List.of("open /in/a.txt", "8", "null"));
  }

  @NeedsJavaScript
  @Test
  void whatJavaScriptOpensIsToldByItsPlace() {
    Program.write(folder.resolve("in/a.txt"), "somé");
    JsonObject params =
        Json.object(
            """
            {"language": "javascript", "options": {"mounts": ["in"]}, "code":
              "import fs from 'node:fs'; fs.writeFileSync('/tmp/b', fs.readFileSync('/in/a.txt', 'utf8') + '12')"}
            """);
    params.addProperty("root", folder.toString());
    JsonObject result = sidecar.request("runSnippet", params).reply().result().getAsJsonObject();
    assertThat(moved(read(new EnvelopeView(result))))
        .containsExactly(
            List.of("open /in/a.txt", "5", "null"), List.of("open /tmp/b", "null", "7"));
  }

  private Traces cell(String session, String code) {
    JsonObject params = new JsonObject();
    params.addProperty("session_id", session);
    params.addProperty("code", code);
    JsonObject result = sidecar.request("runCell", params).reply().result().getAsJsonObject();
    return read(new EnvelopeView(result));
  }

  @Test
  void onlyTheFirstThatAreOpenedAreTold() {
    Program.write(folder.resolve("a.txt"), "some");
    Traces trace =
        read(
            program
                .task("opens")
                .args(300)
                .option("mounts", Json.array("a.txt::/in/a.txt:ro"))
                .envelope());
    assertThat(trace.kind("file")).hasSize(256);
    assertThat(trace.one("attempt", "attempt 1").attribute("capsule.file.openings_left_out"))
        .isEqualTo("44");
  }

  @Test
  void aRunIsATreeOfSpans() {
    EnvelopeView run = program.task("parent").args(3).envelope();
    assertThat(run.value().getAsInt()).isEqualTo(3);
    Traces trace = read(run);

    Traces.Span root = trace.one("task", "parent");
    assertThat(root.parent()).isNull();
    assertThat(root.text("trace_id")).isEqualTo(run.execution().get("trace_id").getAsString());
    assertThat(root.attribute("capsule.run_id"))
        .isEqualTo(run.execution().get("run_id").getAsString());
    assertThat(root.attribute("code.function.name")).isEqualTo("parent");
    assertThat(root.attribute("code.file.path")).isEqualTo("main.py");
    assertThat(root.attribute("capsule.fuel.used"))
        .isEqualTo(run.execution().get("fuel_consumed").getAsString());
    assertThat(root.attribute("capsule.memory.peak"))
        .isEqualTo(run.execution().get("ram_used").getAsString());
    assertThat(root.attribute("capsule.limit.ram")).isEqualTo("128MB");
    assertThat(root.attribute("capsule.origin.ram")).isEqualTo("main.py:7");
    assertThat(root.attribute("capsule.limit.compute")).isEqualTo("MEDIUM");
    assertThat(root.attribute("capsule.origin.compute")).isNull();
    assertThat(root.attribute("capsule.spans")).isEqualTo("8");
    assertThat(trace.spans()).hasSize(8);

    Traces.Span attempt = trace.children(root).getFirst();
    assertThat(attempt.text("kind")).isEqualTo("attempt");
    for (String name : List.of("queue", "instantiate", "run", "serialize")) {
      assertThat(Long.parseLong(present(attempt.attribute("capsule." + name + "_ns"))))
          .as(name)
          .isGreaterThan(0)
          .isLessThanOrEqualTo(root.json().get("duration_ns").getAsLong());
    }
    List<Traces.Span> children = trace.children(attempt);
    assertThat(children).hasSize(3).allMatch(child -> child.text("name").equals("child"));
    long start = attempt.json().get("start").getAsLong();
    long end = start + attempt.json().get("duration_ns").getAsLong();
    assertThat(children)
        .allSatisfy(
            child -> assertThat(child.json().get("start").getAsLong()).isBetween(start, end));
    assertThat(trace.spans()).allMatch(span -> span.text("status").equals("ok"));
  }

  @Test
  void whatItPrintsIsThereWithOffsets() {
    Traces trace = read(program.task("parent").args(0).envelope());
    Traces.Span attempt = trace.kind("attempt").getFirst();
    assertThat(attempt.printed("stdout")).isEqualTo("before\nafter\n");
    assertThat(attempt.printed("stderr")).isEqualTo("oops\n");
    assertThat(attempt.attribute("capsule.stdout.bytes")).isEqualTo("13");
    List<JsonObject> pieces =
        attempt.events("capsule.output").stream()
            .filter(piece -> piece.get("capsule.output.stream").getAsString().equals("stdout"))
            .toList();
    long offset = 0;
    for (JsonObject piece : pieces) {
      assertThat(piece.get("capsule.output.offset").getAsLong()).isEqualTo(offset);
      offset += piece.get("capsule.output.text").getAsString().length();
    }
  }

  @Test
  void onlySoMuchOutputIsKept() {
    Traces trace = read(program.task("prints").args(1000).envelope());
    Traces.Span attempt = trace.kind("attempt").getFirst();
    assertThat(attempt.printed("stdout")).hasSize(64 << 10);
    assertThat(attempt.attribute("capsule.stdout.bytes")).isEqualTo("1001000");
    assertThat(attempt.attribute("capsule.output.left_out_bytes"))
        .isEqualTo(Integer.toString(1_001_000 - (64 << 10)));
  }

  @Test
  void everyAttemptSaysHowItFailed() {
    EnvelopeView run = program.task("fails").envelope();
    Traces trace = read(run);
    assertThat(trace.kind("attempt"))
        .hasSize(2)
        .allSatisfy(attempt -> {
          assertThat(attempt.text("status")).isEqualTo("error");
          assertThat(attempt.attribute("error.type")).isEqualTo("task_error");
          assertThat(attempt.attribute("error.message")).isEqualTo("no such luck");
          JsonObject exception = attempt.events("exception").getFirst();
          assertThat(exception.get("exception.type").getAsString()).isEqualTo("ValueError");
          assertThat(exception.get("exception.stacktrace").getAsString()).contains("main.py");
        });
    Traces.Span root = trace.one("task", "fails");
    assertThat(root.text("status")).isEqualTo("error");
    assertThat(root.attribute("capsule.retries")).isEqualTo("1");
    EnvelopeView fine = program.task("child").args(1).envelope();
    assertThat(fine.success()).isTrue();
    assertThat(list("\"failed\": true"))
        .singleElement()
        .satisfies(each ->
            assertThat(each.get("error").getAsString()).isEqualTo("task_error: no such luck"));
  }

  @Test
  void tracesAreListedNewestFirst() {
    for (int i = 0; i < 3; i++) {
      assertThat(program.task("child").args(i).named("run-" + i).envelope().success()).isTrue();
    }
    assertThat(list("\"limit\": 2").stream().map(each -> each.get("run_id").getAsString()))
        .containsExactly("run-2", "run-1");
    assertThat(read("run-1").spans()).hasSize(2);
    String id = list("").getLast().get("trace_id").getAsString();
    assertThat(read(id.substring(0, 20)).one("task", "child").attribute("capsule.run_id"))
        .isEqualTo("run-0");
    JsonObject params = Json.object("{\"run\": \"run-\"}");
    params.addProperty("root", folder.toString());
    Reply several = sidecar.request("readTrace", params).reply();
    assertThat(several.error().toString()).contains("-32602").contains("run run-0");
    params.addProperty("run", "nothing");
    assertThat(sidecar.request("readTrace", params).reply().error().toString())
        .contains("is no run, trace or workflow");
  }

  /** Each run of it is a trace; what was done before is in the second, too, as replayed. */
  @Test
  void aWorkflowIsATree(@TempDir Path other) throws Exception {
    Path root = other.toRealPath(); // where nobody says that traces are kept
    Files.createFile(root.resolve("capsule.toml"));
    Program steps = Program.load(sidecar, root, TASKS);
    WorkflowClient workflows = new WorkflowClient(sidecar, root);
    WorkflowClient.Open first = workflows.open("job 42");
    EnvelopeView run = first.run(steps, "parent", 1);
    assertThat(run.success()).isTrue();
    JsonObject own = first.begin("note", Json.of("[]"));
    assertThat(first.end(own.get("step").getAsString(), Json.of("1")).result()).isNotNull();
    first.release();

    Traces trace = Traces.read(sidecar, root.toString(), "job 42");
    Traces.Span workflow = trace.one("workflow", "job 42");
    assertThat(workflow.attribute("gen_ai.operation.name")).isEqualTo("invoke_workflow");
    assertThat(workflow.attribute("capsule.workflow.found")).isEqualTo("new");
    assertThat(workflow.text("status")).isEqualTo("cancelled"); // it was left, not finished
    assertThat(run.execution().get("trace_id").getAsString()).isEqualTo(workflow.text("trace_id"));
    assertThat(trace.children(workflow).stream().map(span -> span.text("name")))
        .containsExactly("parent", "note");
    assertThat(trace.one("task", "parent").attribute("capsule.step_id")).startsWith("job 42/");
    assertThat(trace.one("step", "note").attribute("capsule.step_id")).startsWith("job 42/");

    WorkflowClient.Open second = workflows.open("job 42");
    assertThat(second.run(steps, "parent", 1).success()).isTrue();
    second.finish(Json.of("1"));
    Traces both = Traces.read(sidecar, root.toString(), "job 42");
    assertThat(both.kind("workflow").stream().map(span -> span.attribute("capsule.workflow.found")))
        .containsExactly("new", "resumed");
    assertThat(both.kind("workflow").getLast().text("status")).isEqualTo("ok");
    Traces.Span replayed = both.children(both.kind("workflow").getLast()).getFirst();
    assertThat(replayed.attribute("capsule.replayed")).isEqualTo("true");
    assertThat(both.children(replayed)).isEmpty();
  }

  @Test
  void aToolIsToldTheTraceAndHasASpan() {
    Pending running =
        program.task("tools").args("cats").tools("search").named("with-tools").start();
    int before = sidecar.toolCalls().size();
    JsonObject call = sidecar.awaitToolCalls(Math.max(1, before)).getLast();
    sidecar.answer(call, Json.of("[1]"));
    String traceId = running.envelope().execution().get("trace_id").getAsString();
    Traces.Span tool = read("with-tools").one("tool", "execute_tool search");
    assertThat(tool.attribute("gen_ai.operation.name")).isEqualTo("execute_tool");
    assertThat(tool.attribute("gen_ai.tool.name")).isEqualTo("search");
    assertThat(tool.attribute("gen_ai.tool.call.arguments")).isNull();
    assertThat(call.getAsJsonObject("params").get("traceparent").getAsString())
        .isEqualTo("00-" + traceId + "-" + tool.text("span_id") + "-01");
    sidecar.forgetToolCalls();
  }

  @Test
  void aCallersTraceGoesOn() {
    Program.Run run = program.task("child").args(1);
    run.params().addProperty("traceparent", CALLER);
    EnvelopeView envelope = run.envelope();
    assertThat(envelope.execution().get("trace_id").getAsString())
        .isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    assertThat(read(envelope).one("task", "child").parent()).isEqualTo("00f067aa0ba902b7");
    assertThat(list("").getFirst().get("status").getAsString()).isEqualTo("ok");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"
      })
  void aTraceparentThatIsNotValidCountsAsNone(String header) {
    Program.Run run = program.task("child").args(1);
    run.params().addProperty("traceparent", header);
    EnvelopeView envelope = run.envelope();
    assertThat(envelope.success()).isTrue();
    assertThat(envelope.execution().get("trace_id").getAsString())
        .hasSize(32)
        .isNotEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    assertThat(read(envelope).one("task", "child").parent()).isNull();
  }

  private Program.Run fetches(RawServer server, Object... args) {
    return program
        .task("fetches")
        .args(args)
        .option("allowed_hosts", Json.array("127.0.0.1:" + server.port()));
  }

  @Test
  void aRequestHasASpanAndTakesTheCallersTraceOn() {
    try (RawServer server = RawServer.answering(RawServer.ok("hello"))) {
      String url = server.url("/a?token=hunter2");
      EnvelopeView alone = fetches(server, url).envelope();
      assertThat(alone.value().getAsString()).isEqualTo("hello");
      Traces.Span span = read(alone).one("http", "POST");
      assertThat(span.attribute("http.request.method")).isEqualTo("POST");
      assertThat(span.attribute("http.response.status_code")).isEqualTo("200");
      assertThat(span.attribute("url.full")).endsWith("/a?token=***");
      assertThat(span.attribute("server.address")).isEqualTo("127.0.0.1");
      assertThat(span.attribute("server.port")).isEqualTo(Integer.toString(server.port()));
      assertThat(span.attribute("http.request.body.size")).isEqualTo("5");
      assertThat(span.attribute("http.response.body.size")).isEqualTo("5");
      assertThat(server.requests().getLast()).doesNotContainIgnoringCase("traceparent");

      Program.Run run = fetches(server, url);
      run.params().addProperty("traceparent", CALLER);
      run.params().addProperty("tracestate", "vendor=1");
      Traces.Span traced = read(run.envelope()).one("http", "POST");
      assertThat(server.requests().getLast())
          .containsIgnoringCase(
              "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-" + traced.text("span_id") + "-01")
          .containsIgnoringCase("tracestate: vendor=1");

      Program.Run own = fetches(server, url, Json.object("{\"Traceparent\": \"its own\"}"));
      own.params().addProperty("traceparent", CALLER);
      assertThat(own.envelope().success()).isTrue();
      assertThat(server.requests().getLast())
          .containsIgnoringCase("traceparent: its own")
          .doesNotContain("4bf92f3577b34da6a3ce929d0e0e4736");
    }
  }

  @Test
  void whatIsRefusedIsTracedToo() {
    EnvelopeView run = program.task("refused").envelope();
    Traces trace = read(run);
    Traces.Span call = trace.one("call", "call parent");
    assertThat(call.text("status")).isEqualTo("error");
    assertThat(call.attribute("error.type")).isEqualTo("policy_denied");
    EnvelopeView fetch = program.task("fetches").args("http://10.0.0.1/").envelope();
    Traces.Span request = read(fetch).one("http", "POST");
    assertThat(request.text("status")).isEqualTo("error");
    assertThat(request.attribute("error.message")).contains("10.0.0.1");
  }

  @Test
  void aCancelledRunIsCancelled() throws Exception {
    Program waits =
        Program.load(
            sidecar,
            folder,
            "other.py",
            """
            import time
            from capsule import task

            @task
            def wait():
                print("in")
                time.sleep(600)
            """);
    Pending running = waits.task("wait").named("stopped").start();
    Deadline.await("output", () -> sidecar.output("stopped", "stdout").equals("in\n"));
    running.cancel();
    assertThat(running.reply().error()).isNotNull();
    assertThat(read("stopped").spans())
        .hasSize(2)
        .allMatch(span -> span.text("status").equals("cancelled"));
  }

  @Test
  void theClientIsToldWhatItAsksFor() {
    try (SidecarProcess own = SidecarProcess.ready()) {
      Program told = Program.load(own, folder, TASKS);
      assertThat(told.task("child").args(1).named("before").envelope().success()).isTrue();
      own.notify("$/setTrace", Json.object("{\"value\": \"messages\"}"));
      assertThat(told.task("child").args(2).named("plain").envelope().success()).isTrue();
      Deadline.await("the trace", () -> Traces.told(own).kind("task").size() == 1);
      own.notify("$/setTrace", Json.object("{\"value\": \"verbose\"}"));
      assertThat(told.task("child").args("three").named("all").envelope().success()).isTrue();
      Deadline.await("the traces", () -> Traces.told(own).kind("task").size() == 2);
      own.notify("$/setTrace", Json.object("{\"value\": \"off\"}"));
      assertThat(told.task("child").args(4).named("after").envelope().success()).isTrue();
      assertThat(own.request("shutdown", null).reply().result().isJsonNull()).isTrue();

      List<Traces.Span> runs = Traces.told(own).kind("task");
      assertThat(runs.stream().map(span -> span.attribute("capsule.run_id")))
          .containsExactly("plain", "all");
      assertThat(runs.getFirst().attribute("capsule.arguments")).isNull();
      assertThat(runs.getLast().attribute("capsule.arguments"))
          .isEqualTo("{\"args\":[\"three\"],\"kwargs\":{}}");
      assertThat(runs.getLast().attribute("capsule.result")).isEqualTo("\"three\"");
    }
  }

  @Test
  void nothingIsKeptUnlessSomebodyWantsIt(@TempDir Path other, @TempDir Path data)
      throws Exception {
    Path plain = other.toRealPath();
    try (SidecarProcess own = SidecarProcess.start(Map.of("XDG_DATA_HOME", data.toString()))) {
      own.initialize();
      Program quiet = Program.load(own, plain, TASKS);
      assertThat(quiet.task("child").args(1).envelope().success()).isTrue();
      assertThat(own.request("shutdown", null).reply().result().isJsonNull()).isTrue();
    }
    assertThat(plain.resolve(".capsule")).doesNotExist();
    assertThat(data).isEmptyDirectory();
    try (SidecarProcess own = SidecarProcess.start(Map.of("XDG_DATA_HOME", data.toString()))) {
      JsonObject params =
          Json.object("{\"languages\": [\"python\"], \"trace\": {\"store\": true}}");
      assertThat(own.request("initialize", params).reply().result()).isNotNull();
      Program kept = Program.load(own, plain, TASKS);
      assertThat(kept.task("child").args(1).envelope().success()).isTrue();
      assertThat(own.request("shutdown", null).reply().result().isJsonNull()).isTrue();
    }
    assertThat(plain.resolve(".capsule")).doesNotExist();
    try (var files = Files.walk(data)) {
      assertThat(files.filter(file -> file.toString().endsWith(".jsonl"))).hasSize(1);
    }
  }
}
