package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SidecarProcess;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions of the client that tasks call, as operations and as requests of the protocol. */
class ToolsTest {
  private static final String TASKS =
      """
      import json
      from wit_world.imports import host
      from capsule import task

      def tool(name, *args, **kwargs):
          operation = {"op": "tool", "tool": name, "args": args, "kwargs": kwargs}
          return host.submit(json.dumps(operation))

      def outcome(ids, timeout=None):
          return [c.get("error", c.get("ok")) for c in json.loads(host.wait(ids, timeout))]

      @task(tools=["search"])
      def calls(*args, **kwargs):
          return outcome([tool("search", *args, **kwargs)])[0]

      @task(tools=["search"])
      def calls_other(name):
          return outcome([tool(name)])[0]

      @task(tools=["search"])
      def many(count):
          ids = [tool("search", n) for n in range(count)]
          return [outcome([id])[0] for id in ids]

      @task(tools=["search"])
      def gives_up():
          id = tool("search")
          host.wait([], 0)
          host.submit(json.dumps({"op": "cancel", "id": id}))
          return outcome([id])[0]["type"]

      @task(tools=["search"])
      def leaves():
          tool("search", 1)
          tool("search", 2)
          return "left"

      @task(tools=["search"], timeout="1s")
      def waits():
          return outcome([tool("search")])

      @task
      def without(*args):
          return outcome([tool("search", *args)])[0]

      @task
      def parent(task, *args):
          call = {"op": "call", "task": task, "args": args}
          return outcome([host.submit(json.dumps(call))])[0]

      @task(tools=["search"], max_result=60_000_000)
      def long_arguments(size):
          return outcome([tool("search", "é" * size)])[0]
      """;

  @TempDir Path folder;
  private static SidecarProcess sidecar;
  private Program program;

  @BeforeAll
  static void start() {
    sidecar = SidecarProcess.ready();
  }

  @BeforeEach
  void load() {
    program = Program.load(sidecar, folder, TASKS);
    sidecar.forgetToolCalls();
  }

  @AfterEach
  void isHealthy() {
    sidecar.assertHealthy();
  }

  @AfterAll
  static void end() {
    sidecar.close();
  }

  private static JsonObject failure(JsonElement value) {
    return value.getAsJsonObject();
  }

  private static String type(JsonElement failure) {
    return failure.getAsJsonObject().get("type").getAsString();
  }

  @Test
  void aToolIsARequestToTheClientAndItsAnswerTheValue() {
    Pending run = program.task("calls").args("q", 7).tools("search").named("r1").start();
    JsonObject request = sidecar.awaitToolCalls(1).getFirst();
    JsonObject params = request.getAsJsonObject("params").deepCopy();
    assertThat(params.remove("traceparent").getAsString())
        .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
    assertThat(params.remove("tracestate").isJsonNull()).isTrue();
    assertThat(params)
        .isEqualTo(
            Json.object(
                "{\"run\":\"r1\",\"root\":\"r1\",\"task\":\"calls\",\"tool\":\"search\","
                    + "\"args\":[\"q\",7],\"kwargs\":{},\"step\":null}"));
    assertThat(run.isAnswered()).isFalse();
    sidecar.answer(request, Json.of("{\"found\":[1,null,\"é\"]}"));
    assertThat(run.envelope().value()).isEqualTo(Json.of("{\"found\":[1,null,\"é\"]}"));
  }

  @Test
  void aToolMayReturnNothing() {
    Pending run = program.task("calls").tools("search").start();
    sidecar.answer(sidecar.awaitToolCalls(1).getFirst(), Json.of("null"));
    assertThat(run.envelope().value()).isEqualTo(Json.of("null"));
  }

  @Test
  void aToolThatTheTaskWasNotGivenIsNotCalled() {
    JsonObject denied = failure(program.task("without").tools("search").value());
    assertThat(type(denied)).isEqualTo("policy_denied");
    assertThat(denied.get("message").getAsString())
        .contains("without (main.py:", "not given the tool \"search\"", "tools=[...]");
    for (String name :
        new String[] {"", "Search", "search ", "sea\u0000rch", "x".repeat(100_000)}) {
      JsonObject other = failure(program.task("calls_other").args(name).tools("search").value());
      assertThat(type(other)).as(name).isEqualTo("policy_denied");
      assertThat(other.get("message").getAsString()).hasSizeLessThan(400);
    }
    assertThat(sidecar.toolCalls()).isEmpty();
  }

  @Test
  void aToolThatTheClientDidNotOfferIsNotCalled() {
    for (Program.Run run :
        new Program.Run[] {program.task("calls"), program.task("calls").tools("other")}) {
      JsonObject denied = failure(run.value());
      assertThat(type(denied)).isEqualTo("policy_denied");
      assertThat(denied.get("message").getAsString())
          .contains("\"search\"", "calls (main.py:", "marks with tool", "start the task from");
    }
    assertThat(sidecar.toolCalls()).isEmpty();
  }

  @Test
  void aNestedTaskHasItsOwnToolsAndNotItsCallers() {
    Pending run =
        program.task("parent").args("calls", "deep").tools("search").named("root").start();
    JsonObject params = sidecar.awaitToolCalls(1).getFirst().getAsJsonObject("params");
    assertThat(params.get("root").getAsString()).isEqualTo("root");
    assertThat(params.get("run").getAsString()).isNotEqualTo("root");
    assertThat(params.get("task").getAsString()).isEqualTo("calls");
    sidecar.answer(sidecar.toolCalls().getFirst(), Json.of("5"));
    assertThat(run.envelope().value()).isEqualTo(Json.of("5"));
    JsonElement denied =
        program
            .task("parent")
            .args("without")
            .option("tools", Json.array("search"))
            .tools("search")
            .value();
    assertThat(type(denied))
        .as("what the caller was given is not handed on")
        .isEqualTo("policy_denied");
  }

  @Test
  void aToolThatFailsIsTheTasksError() {
    Pending run = program.task("calls").tools("search").start();
    sidecar.answer(
        sidecar.awaitToolCalls(1).getFirst(),
        "result",
        Json.of(
            "{\"result\":null,\"error\":{\"type\":\"task_error\",\"message\":\"no key\",\"class\":"
                + "\"LookupError\",\"traceback\":\"File /home/me/secret.py\"}}"));
    JsonObject error = failure(run.envelope().value());
    assertThat(type(error)).isEqualTo("task_error");
    assertThat(error.get("message").getAsString()).isEqualTo("no key");
    assertThat(error.get("class").getAsString()).isEqualTo("LookupError");
    assertThat(error.get("traceback").isJsonNull()).as("the client's code stays outside").isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "7",
        "\"text\"",
        "[]",
        "{}",
        "{\"value\":1}",
        "{\"error\":null}",
        "{\"error\":7}",
        "{\"result\":1,\"error\":\"text\"}",
        "{\"result\":1,\"error\":[]}",
        "{\"result\":1,\"error\":{\"message\":{}}}"
      })
  void anAnswerThatIsNoneIsAnError(String answer) {
    Pending run = program.task("calls").tools("search").start();
    sidecar.answer(sidecar.awaitToolCalls(1).getFirst(), "result", Json.of(answer));
    assertThat(type(run.envelope().value())).isEqualTo("internal");
  }

  @Test
  void aClientCannotSayWhatOnlyTheHostDecides() {
    Pending run = program.task("calls").tools("search").start();
    sidecar.answer(
        sidecar.awaitToolCalls(1).getFirst(),
        "result",
        Json.of(
            "{\"error\":{\"type\":\"timeout\",\"message\":\"%s\",\"class\":\"%s\"}}"
                .formatted("m".repeat(1_000_000), "c".repeat(1_000_000))));
    JsonElement error = run.envelope().value();
    assertThat(type(error)).isEqualTo("task_error");
    assertThat(error.toString()).hasSizeLessThan(100_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"code\":-32601,\"message\":\"no such method\"}",
        "{\"code\":\"x\"}",
        "{}",
        "[]",
        "7"
      })
  void anErrorOfTheClientIsAnError(String error) {
    Pending run = program.task("calls").tools("search").start();
    sidecar.answer(sidecar.awaitToolCalls(1).getFirst(), "error", Json.of(error));
    JsonObject failure = failure(run.envelope().value());
    assertThat(type(failure)).isEqualTo("internal");
    assertThat(failure.get("message").getAsString()).contains("search did");
  }

  @Test
  void lateDuplicateAndForgedAnswersAreIgnored() {
    Pending run = program.task("many").args(2).tools("search").start();
    List<JsonObject> requests = sidecar.awaitToolCalls(2);
    JsonObject forged = requests.get(0).deepCopy();
    for (String id : new String[] {"0", "-1", "77", "\"1\"", "\"2\"", "99999999999999999999"}) {
      forged.add("id", Json.of(id));
      sidecar.answer(forged, Json.of("\"forged\""));
    }
    sidecar.answer(requests.get(0), Json.of("\"first\""));
    sidecar.answer(requests.get(0), Json.of("\"again\""));
    sidecar.answer(requests.get(1), Json.of("\"first\""));
    assertThat(run.envelope().value()).isEqualTo(Json.of("[\"first\",\"first\"]"));
    sidecar.answer(requests.get(1), Json.of("\"late\""));
    assertThat(program.task("without").value().toString()).contains("policy_denied");
  }

  @Test
  void toolsRunAtOnceAndAnswersMayComeInAnyOrder() {
    int count = 500;
    Pending run = program.task("many").args(count).tools("search").start();
    List<JsonObject> requests = sidecar.awaitToolCalls(count);
    Set<JsonElement> ids = new HashSet<>();
    for (JsonObject request : requests.reversed()) {
      ids.add(request.get("id"));
      sidecar.answer(request, request.getAsJsonObject("params").getAsJsonArray("args").get(0));
    }
    assertThat(ids).hasSize(count);
    assertThat(run.envelope().value().getAsJsonArray())
        .isEqualTo(Json.of(IntStream.range(0, count).boxed().toList().toString()));
  }

  @Test
  void thousandsAtOnceAreRefusedAndDoNoHarm() {
    int most = 10_000;
    Pending run = program.task("many").args(most + 5).tools("search").start();
    for (JsonObject request : sidecar.awaitToolCalls(most)) {
      sidecar.answer(request, Json.of("1"));
    }
    List<JsonElement> outcome = run.envelope().value().getAsJsonArray().asList();
    assertThat(outcome).hasSize(most + 5);
    assertThat(outcome.subList(0, most)).containsOnly(Json.of("1"));
    assertThat(outcome.subList(most, most + 5)).allMatch(each -> type(each).equals("overloaded"));
    assertThat(sidecar.toolCalls()).hasSize(most);
  }

  @Test
  void aCallThatIsGivenUpIsTakenBack() {
    Pending run = program.task("gives_up").tools("search").start();
    assertThat(run.envelope().value()).isEqualTo(Json.of("\"cancelled\""));
    awaitCancellationOfAll();
  }

  private static void awaitCancellationOfAll() {
    Deadline.await(
        "the cancellation of all that was sent",
        () ->
            Set.copyOf(sidecar.cancelledToolCalls())
                .containsAll(sidecar.toolCalls().stream().map(call -> call.get("id")).toList()));
  }

  @Test
  void aTaskThatEndsEndsItsTools() {
    assertThat(program.task("leaves").tools("search").value()).isEqualTo(Json.of("\"left\""));
    EnvelopeView late = program.task("waits").tools("search").envelope();
    assertThat(late.errorType()).isEqualTo("timeout");
    Pending cancelled = program.task("calls").args("cancelled").tools("search").start();
    Deadline.await(
        "the tool's call",
        () -> sidecar.toolCalls().stream().anyMatch(call -> call.toString().contains("cancelled")));
    cancelled.cancel();
    assertThat(cancelled.reply().code()).isEqualTo(-32800);
    awaitCancellationOfAll();
    for (JsonObject call : sidecar.toolCalls()) {
      sidecar.answer(call, Json.of("1"));
    }
  }

  @Test
  void argumentsThatAreTooLongForAMessageAreTheCallersError() {
    Pending fits = program.task("long_arguments").args(10_000_000).tools("search").start();
    sidecar.answer(sidecar.awaitToolCalls(1).getFirst(), Json.of("1"));
    assertThat(fits.envelope().value()).isEqualTo(Json.of("1"));
    // 34 million characters, but 68 million bytes
    Program raw =
        Program.load(
            sidecar,
            folder,
            TASKS.replace("json.dumps(operation)", "json.dumps(operation, ensure_ascii=False)"));
    JsonObject error =
        failure(
            raw.task("long_arguments")
                .args(34_000_000)
                .option("ram", "1GiB")
                .tools("search")
                .value());
    assertThat(type(error)).isEqualTo("invalid_arguments");
    assertThat(error.get("message").getAsString()).contains("longer than a message", "67108864");
    assertThat(sidecar.toolCalls()).hasSize(1);
  }

  @Test
  void aValueMayBeAsLongAsAMessage() {
    Pending run = program.task("calls").tools("search").option("ram", "1GiB").start();
    String value = "\"" + "x".repeat(30_000_000) + "\"";
    sidecar.answer(sidecar.awaitToolCalls(1).getFirst(), Json.of(value));
    assertThat(run.envelope().value().getAsString()).hasSize(30_000_000);
  }

  @Test
  void aClientThatLeavesEndsTheSidecarWhateverItsToolsDo() {
    try (SidecarProcess left = SidecarProcess.ready()) {
      Pending run = Program.load(left, folder, TASKS).task("calls").tools("search").start();
      left.awaitToolCalls(1);
      assertThat(run.isAnswered()).isFalse();
      left.closeInput();
      assertThat(left.awaitExit()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"[null]", "[\"\"]", "[\"a\",7.5,{}]", "\"search\"", "{}", "[[]]"})
  void namesThatAreNoneAreRefused(String tools) {
    JsonObject params = program.task("calls").params();
    params.add("tools", Json.of(tools));
    assertThat(sidecar.request("runTask", params).reply().code()).isEqualTo(-32602);
  }
}
