package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.Reply;
import dev.capsule.sidecar.harness.SidecarProcess;
import dev.capsule.sidecar.harness.Traces;
import dev.capsule.sidecar.harness.WorkflowClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Finished steps in bulk: what is handed over, and what follows when they are said to come by. */
class ReplayTest {
  private static final int INVALID_PARAMS = -32602;
  private static final int REPLAY_MISMATCH = -32014;

  private static final String TASKS =
      """
      from capsule import task

      @task
      def add(a, b):
          return a + b

      @task
      def fails(text):
          raise ValueError(text)

      @task
      def outer(n):
          return sum(add(i, 1) for i in range(n))
      """;

  @TempDir Path folder;

  private Path root;
  private SidecarProcess sidecar;
  private Program program;
  private WorkflowClient client;

  @BeforeEach
  void start() throws IOException {
    root = folder.toRealPath().resolve("project");
    Files.createDirectories(root.resolve(".capsule"));
    begin();
  }

  private void begin() {
    sidecar = SidecarProcess.start(Map.of("XDG_DATA_HOME", folder.resolve("data").toString()));
    JsonObject _ = sidecar.initialize();
    program = Program.load(sidecar, root, TASKS);
    client = new WorkflowClient(sidecar, root);
  }

  @AfterEach
  void end() {
    sidecar.close();
  }

  /** Kills the sidecar, as a crash would, and starts another. */
  private void crash() {
    sidecar.close();
    begin();
  }

  private Reply page(String handle, @Nullable Integer after) {
    JsonObject params = new JsonObject();
    params.addProperty("workflow", handle);
    params.addProperty("after", after);
    return client.ask("replaySteps", params);
  }

  /** What all pages have: replies by the keys of their steps, in order. */
  private Map<String, JsonObject> handedOver(WorkflowClient.Open open) {
    Map<String, JsonObject> all = new LinkedHashMap<>();
    Integer after = null;
    do {
      JsonObject page = page(open.handle(), after).result().getAsJsonObject();
      assertThat(page.toString().length()).isLessThan(3 << 20);
      for (JsonElement each : page.getAsJsonArray("steps")) {
        JsonObject step = each.getAsJsonObject();
        JsonObject reply = Json.object(step.get("reply").getAsString());
        assertThat(all.put(step.get("key").getAsString(), reply)).isNull();
      }
      after = page.get("next").isJsonNull() ? null : page.get("next").getAsInt();
    } while (after != null);
    return all;
  }

  private void replayed(String handle, Iterable<String> keys) {
    JsonObject params = new JsonObject();
    params.addProperty("workflow", handle);
    JsonArray steps = new JsonArray();
    keys.forEach(steps::add);
    params.add("steps", steps);
    sidecar.notify("workflow/replayed", params);
  }

  @Test
  void aReplyIsWhatWouldBeAnswered() {
    WorkflowClient.Open first = client.open("w");
    assertThat(first.run(program, "add", 1, 2).success()).isTrue();
    assertThat(first.run(program, "fails", "so").success()).isFalse();
    assertThat(first.run(program, "outer", 2).success()).isTrue();
    JsonObject own = first.begin("own", Json.of("[1]"));
    assertThat(first.end(own.get("step").getAsString(), Json.of("{\"a\":\"\\\"\"}")).isError())
        .isFalse();
    assertThat(first.record("now", new JsonPrimitive(0.5))).isNotNull();
    JsonObject _ = first.begin("under way", Json.of("[]"));
    crash();
    WorkflowClient.Open second = client.open("w");
    List<JsonObject> steps = List.copyOf(handedOver(second).values());
    assertThat(steps)
        .containsExactly(
            second.run(program, "add", 1, 2).json(),
            second.run(program, "fails", "so").json(),
            second.run(program, "outer", 2).json(),
            second.begin("own", Json.of("[1]")),
            Json.object("{\"result\":0.5}"));
    assertThat(steps.getFirst().getAsJsonObject("execution").get("replayed").getAsBoolean())
        .isTrue();
    assertThat(handedOver(second).keySet())
        .contains(own.get("step").getAsString())
        .hasSize(5); // again, as often as it is asked for
  }

  @Test
  void whatThisRunHasDoneIsNotInIt() {
    WorkflowClient.Open first = client.open("w");
    assertThat(first.run(program, "add", 1, 2).success()).isTrue();
    assertThat(handedOver(first)).isEmpty();
  }

  @Test
  void noPageAndNoStepIsLarge() {
    JsonObject params = client.params("w");
    params.addProperty("durability", "relaxed");
    WorkflowClient.Open first = client.open(params);
    List<Pending> written = new ArrayList<>();
    for (int i = 0; i < 2_100; i++) {
      written.add(record(first, "v" + i, i < 40 ? "x".repeat(40_000) : "x"));
    }
    written.add(record(first, "large", "x".repeat(70_000)));
    written.forEach(each -> assertThat(each.reply().isError()).isFalse());
    crash();
    WorkflowClient.Open second = client.open("w");
    JsonObject page = page(second.handle(), null).result().getAsJsonObject();
    assertThat(page.getAsJsonArray("steps").size()).isBetween(20, 1_000);
    assertThat(handedOver(second)).hasSize(2_100);
    assertThat(second.record("large", JsonNull.INSTANCE).getAsString()).hasSize(70_000);
  }

  private Pending record(WorkflowClient.Open open, String name, String value) {
    JsonObject params = new JsonObject();
    params.addProperty("workflow", open.handle());
    params.addProperty("name", name);
    params.addProperty("result", value);
    return sidecar.request("recordStep", params);
  }

  @Test
  void whatIsToBeRunAgainIsNotInIt() {
    WorkflowClient.Open first = client.open("w");
    assertThat(first.run(program, "add", 1, 2).success()).isTrue();
    EnvelopeView failed = first.run(program, "fails", "so");
    first.fail(List.of(failed.execution().get("step_id").getAsString()));
    WorkflowClient.Open second = client.open("w");
    assertThat(handedOver(second)).hasSize(1);
    EnvelopeView again = second.run(program, "fails", "so");
    assertThat(again.execution().get("replayed").getAsBoolean()).isFalse();
  }

  @Test
  void aNewStepGoesOnOnceAllHaveComeBy() {
    WorkflowClient.Open first = client.open("w");
    for (int i = 0; i < 3; i++) {
      assertThat(first.run(program, "add", i, 1).success()).isTrue();
    }
    crash();
    WorkflowClient.Open second = client.open("w");
    List<String> keys = List.copyOf(handedOver(second).keySet());
    Pending before = second.start(program, "add", 7, 1); // it waits
    replayed(second.handle(), keys.subList(0, 2));
    replayed(second.handle(), keys);
    assertThat(before.envelope().value().getAsInt()).isEqualTo(8);
    assertThat(second.run(program, "add", 8, 1).value().getAsInt()).isEqualTo(9);
  }

  @Test
  void aChangedProgramIsStillFound() {
    WorkflowClient.Open first = client.open("w");
    for (int i = 0; i < 3; i++) {
      assertThat(first.run(program, "add", i, 1).success()).isTrue();
    }
    crash();
    WorkflowClient.Open second = client.open("w");
    replayed(second.handle(), List.copyOf(handedOver(second).keySet()).subList(0, 2));
    Reply changed = second.start(program, "add", 7, 1).reply();
    assertThat(changed.code()).isEqualTo(REPLAY_MISMATCH);
    assertThat(changed.errorMessage()).contains("step 3 was", "[2,1]", "[7,1]");
  }

  @Test
  void aStepThatHasNotEndedDoesNotComeByWithoutBeingRun() {
    WorkflowClient.Open first = client.open("w");
    String open = first.begin("own", Json.of("[]")).get("step").getAsString();
    assertThat(first.run(program, "add", 1, 1).success()).isTrue();
    crash();
    WorkflowClient.Open second = client.open("w");
    List<String> keys = new ArrayList<>(handedOver(second).keySet());
    keys.add(open);
    replayed(second.handle(), keys);
    Reply changed = second.start(program, "add", 7, 1).reply();
    assertThat(changed.code()).isEqualTo(REPLAY_MISMATCH);
    assertThat(changed.data().getAsJsonObject("recorded").get("name").getAsString())
        .isEqualTo("own");
  }

  /** Once, however often they are said to have come by. */
  @Test
  void theTraceHasThem() throws IOException {
    Files.createFile(root.resolve("capsule.toml"));
    WorkflowClient.Open first = client.open("job");
    assertThat(first.run(program, "add", 1, 2).success()).isTrue();
    JsonObject own = first.begin("own", Json.of("[]"));
    assertThat(first.end(own.get("step").getAsString(), Json.of("1")).isError()).isFalse();
    assertThat(first.record("now", new JsonPrimitive(0.5))).isNotNull();
    first.release();
    WorkflowClient.Open second = client.open("job");
    Iterable<String> keys = handedOver(second).keySet();
    replayed(second.handle(), keys);
    replayed(second.handle(), keys);
    second.finish(Json.of("1"));
    Traces traces = Traces.read(sidecar, root.toString(), "job");
    assertThat(traces.children(traces.kind("workflow").getLast()))
        .extracting(span -> span.text("kind"), span -> span.text("name"))
        .containsExactly(tuple("task", "add"), tuple("step", "own"));
    assertThat(traces.children(traces.kind("workflow").getLast()))
        .allSatisfy(span -> assertThat(span.attribute("capsule.replayed")).isEqualTo("true"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{}",
        "{\"workflow\":null,\"steps\":null}",
        "{\"workflow\":{},\"steps\":[]}",
        "{\"workflow\":\"w-forged\",\"steps\":[\"KEY\"]}",
        "{\"workflow\":\"HANDLE\"}",
        "{\"workflow\":\"HANDLE\",\"steps\":\"KEY\"}",
        "{\"workflow\":\"HANDLE\",\"steps\":{\"KEY\":\"KEY\"}}",
        "{\"workflow\":\"HANDLE\",\"steps\":[null,\"\",\"0123\",7]}",
        "{\"workflow\":\"HANDLE\",\"steps\":[[\"KEY\"]]}",
        "{\"workflow\":\"HANDLE\",\"steps\":[\"KEY\",\"LARGE\"]}",
      })
  void whatIsNoneChangesNothing(String text) {
    WorkflowClient.Open first = client.open("w");
    assertThat(first.run(program, "add", 1, 2).success()).isTrue();
    first.release();
    WorkflowClient.Open second = client.open("w");
    String key = handedOver(second).keySet().iterator().next();
    String params =
        text.replace("HANDLE", second.handle())
            .replace("KEY", key)
            .replace("LARGE", "x".repeat(2 << 20));
    sidecar.notify("workflow/replayed", Json.of(params));
    assertThat(second.start(program, "add", 7, 1).reply().code()).isEqualTo(REPLAY_MISMATCH);
    assertThat(second.run(program, "add", 1, 2).value().getAsInt()).isEqualTo(3);
    sidecar.assertHealthy();
  }

  @Test
  void aClosedOneIsNobodys() {
    WorkflowClient.Open first = client.open("w");
    assertThat(first.run(program, "add", 1, 2).success()).isTrue();
    first.release();
    WorkflowClient.Open second = client.open("w");
    Iterable<String> keys = handedOver(second).keySet();
    second.release();
    replayed(second.handle(), keys);
    Reply closed = page(second.handle(), null);
    assertThat(closed.code()).isEqualTo(INVALID_PARAMS);
    assertThat(closed.data().get("field").getAsString()).isEqualTo("workflow");
    WorkflowClient.Open third = client.open("w");
    assertThat(third.start(program, "add", 7, 1).reply().code()).isEqualTo(REPLAY_MISMATCH);
    assertThat(page(third.handle(), -1).data().get("field").getAsString()).isEqualTo("after");
    assertThat(page(third.handle(), Integer.MAX_VALUE).result())
        .isEqualTo(Json.of("{\"steps\":[],\"next\":null}"));
  }
}
