package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.Reply;
import dev.capsule.sidecar.harness.SidecarProcess;
import dev.capsule.sidecar.harness.WorkflowClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workflows over the wire: what is repeated after a crash or a failure, and what is not. */
class WorkflowsTest {
  private static final int INVALID_PARAMS = -32602;
  private static final int JOURNAL_ERROR = -32013;
  private static final int REPLAY_MISMATCH = -32014;

  /** Each run of a task leaves a mark, which tells what ran how often. */
  private static final String TASKS =
      """
      import capsule, os, time
      from capsule import task

      def mark(name):
          n = len([f for f in os.listdir("marks") if f.split(".")[0] == name])
          with open(f"marks/{name}.{n}", "w") as f:
              f.write(str(capsule.context().step_id))
          return n

      @task(allowed_files=["marks"])
      def add(a, b):
          mark(f"add-{a}-{b}")
          return a + b

      @task(allowed_files=["marks"])
      def wait(name):
          mark(name)
          while not os.path.exists(f"marks/go-{name}"):
              time.sleep(0.01)
          return name

      @task(allowed_files=["marks"])
      def outer(n):
          mark("outer")
          total = sum(add(i, 1) for i in range(n))
          while not os.path.exists("marks/go-outer"):
              time.sleep(0.01)
          return total

      @task(allowed_files=["marks"])
      def fails(name):
          if not os.path.exists(f"marks/mended-{name}"):
              mark(name)
              raise ValueError("not yet")
          mark(name)
          return "mended"

      @task(allowed_files=["marks"], max_retries=3)
      def tries():
          n = mark("tries")
          inner = add(7, 7)
          if n < 2:
              fails("inner")
          return inner

      @task(allowed_files=["marks"])
      def main(n):
          mark("main")
          return [add(i, 10) for i in range(n)] + [wait("last")]

      @task
      def who():
          c = capsule.context()
          return [c.workflow_id, c.step_id, c.attempt]
      """;

  @TempDir Path folder;

  private Path root;
  private SidecarProcess sidecar;
  private Program program;
  private WorkflowClient client;

  @BeforeEach
  void start() throws IOException {
    root = folder.toRealPath().resolve("project");
    Files.createDirectories(root.resolve("marks"));
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

  private long marks(String name) {
    try (Stream<Path> files = Files.list(root.resolve("marks"))) {
      return files.filter(file -> file.getFileName().toString().startsWith(name + ".")).count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void go(String name) throws IOException {
    Files.createFile(root.resolve("marks").resolve("go-" + name));
  }

  private void await(String name, int times) {
    Deadline.await(name + " " + times + " times", () -> marks(name) == times);
  }

  @Test
  void finishedStepsAreNotRunAgain() {
    WorkflowClient.Open first = client.open("w");
    EnvelopeView once = first.run(program, "add", 1, 2);
    assertThat(once.execution().get("replayed").getAsBoolean()).isFalse();
    crash();
    JsonObject opened = client.opened(client.params("w"));
    assertThat(opened.get("state").getAsString()).isEqualTo("resumed");
    assertThat(opened.get("steps").getAsInt()).isEqualTo(1);
    assertThat(opened.get("runs").getAsInt()).isEqualTo(2);
    crash(); // without ever having closed it
    WorkflowClient.Open second = client.open("w");
    EnvelopeView again = second.run(program, "add", 1, 2);
    assertThat(again.value().getAsInt()).isEqualTo(3);
    assertThat(again.execution().get("replayed").getAsBoolean()).isTrue();
    assertThat(again.execution().get("step_id")).isEqualTo(once.execution().get("step_id"));
    assertThat(again.execution().get("fuel_consumed"))
        .isEqualTo(once.execution().get("fuel_consumed"));
    assertThat(second.run(program, "add", 2, 2).value().getAsInt()).isEqualTo(4);
    assertThat(marks("add-1-2")).isEqualTo(1);
    second.finish(new JsonPrimitive("done"));
    assertThat(client.listed("w").get("state").getAsString()).isEqualTo("finished");
  }

  @Test
  void aStepThatWasUnderWayRunsAgainUnderTheSameId() throws IOException {
    Pending _ = client.open("w").start(program, "wait", "slow");
    await("slow", 1);
    Deadline.await("its id", () -> !id("slow.0").isEmpty());
    crash();
    go("slow");
    assertThat(client.open("w").run(program, "wait", "slow").value().getAsString())
        .isEqualTo("slow");
    assertThat(marks("slow")).isEqualTo(2);
    assertThat(id("slow.1")).isEqualTo(id("slow.0")).startsWith("w/");
  }

  private String id(String mark) {
    try {
      return Files.readString(root.resolve("marks").resolve(mark));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatAStepCalledIsNotRunAgainEither() throws IOException {
    Pending _ = client.open("w").start(program, "outer", 3);
    await("add-2-1", 1);
    Deadline.await(
        "the nested steps' ends",
        () -> client.listed("w").getAsJsonObject("steps").get("finished").getAsInt() == 3);
    crash();
    go("outer");
    assertThat(client.open("w").run(program, "outer", 3).value().getAsInt()).isEqualTo(6);
    assertThat(marks("outer")).isEqualTo(2);
    for (int i = 0; i < 3; i++) {
      assertThat(marks("add-" + i + "-1")).isEqualTo(1);
    }
    List<JsonObject> steps = client.steps("w");
    assertThat(steps).hasSize(4);
    assertThat(steps.getFirst().get("parent")).isEqualTo(JsonNull.INSTANCE);
    assertThat(steps.getLast().get("parent")).isEqualTo(steps.getFirst().get("step"));
  }

  @Test
  void theOrderOfConcurrentStepsDoesNotCount() {
    WorkflowClient.Open first = client.open("w");
    for (int i = 0; i < 5; i++) {
      assertThat(first.run(program, "add", i, 0).value().getAsInt()).isEqualTo(i);
    }
    crash();
    WorkflowClient.Open second = client.open("w");
    List<Pending> running = new ArrayList<>();
    running.add(second.start(program, "add", 99, 0)); // new: it waits for those before
    for (int i = 4; i >= 0; i--) {
      running.add(second.start(program, "add", i, 0));
    }
    assertThat(running.stream().map(each -> each.envelope().value().getAsInt()))
        .containsExactly(99, 4, 3, 2, 1, 0);
    assertThat(marks("add-3-0")).isEqualTo(1);
  }

  @Test
  void theSameCallTwiceIsTwoSteps() {
    WorkflowClient.Open first = client.open("w");
    assertThat(first.run(program, "add", 1, 1).value().getAsInt()).isEqualTo(2);
    assertThat(first.run(program, "add", 1, 1).value().getAsInt()).isEqualTo(2);
    assertThat(marks("add-1-1")).isEqualTo(2);
  }

  @Test
  void aChangedProgramIsToldWithBothSteps() {
    assertThat(client.open("w").run(program, "add", 1, 2).success()).isTrue();
    crash();
    WorkflowClient.Open changed = client.open("w");
    Reply reply = changed.start(program, "add", 1, 3).reply();
    assertThat(reply.code()).isEqualTo(REPLAY_MISMATCH);
    assertThat(reply.errorMessage()).contains("\"w\"", "step 1", "[1,2]", "[1,3]", "continue");
    assertThat(reply.data().getAsJsonObject("recorded").get("args").getAsString())
        .contains("[1,2]");
    assertThat(reply.data().getAsJsonObject("asked").get("args").getAsString()).contains("[1,3]");
    assertThat(marks("add-1-3")).isZero();
    changed.release();
    assertThat(client.open("w").run(program, "add", 1, 2).success()).isTrue();
    assertThat(marks("add-1-2")).isEqualTo(1); // nothing was lost
  }

  @Test
  void aChangedProgramMayGoOn() {
    assertThat(client.open("w").run(program, "add", 1, 2).success()).isTrue();
    crash();
    WorkflowClient.Open changed = client.open("w", "continue");
    assertThat(changed.run(program, "add", 1, 3).value().getAsInt()).isEqualTo(4);
    assertThat(changed.run(program, "add", 1, 2).value().getAsInt()).isEqualTo(3);
    assertThat(marks("add-1-2")).isEqualTo(1);
  }

  @Test
  void aChangedProgramMayStartFromTheBeginning() {
    assertThat(client.open("w").run(program, "add", 1, 2).success()).isTrue();
    crash();
    WorkflowClient.Open changed = client.open("w", "restart");
    assertThat(changed.start(program, "add", 1, 3).reply().code()).isEqualTo(REPLAY_MISMATCH);
    changed.release();
    WorkflowClient.Open anew = client.open("w", "restart");
    assertThat(anew.run(program, "add", 1, 3).value().getAsInt()).isEqualTo(4);
    assertThat(anew.run(program, "add", 1, 2).value().getAsInt()).isEqualTo(3);
    assertThat(marks("add-1-2")).isEqualTo(2);
  }

  @Test
  void whatHasEndedCannotGoOn() {
    WorkflowClient.Open first = client.open("w");
    assertThat(first.run(program, "add", 1, 2).success()).isTrue();
    first.finish(Json.of("3"));
    for (String onChange : List.of("continue", "restart")) {
      JsonObject params = client.params("w");
      params.addProperty("replay", true);
      params.addProperty("onChange", onChange);
      WorkflowClient.Open changed = client.open(params);
      assertThat(changed.run(program, "add", 1, 2).value().getAsInt()).isEqualTo(3);
      Reply reply = changed.start(program, "add", 1, 3).reply();
      assertThat(reply.code()).isEqualTo(REPLAY_MISMATCH);
      assertThat(reply.errorMessage())
          .contains("had ended")
          .contains(onChange.equals("continue") ? "cannot go on" : "is dropped");
      changed.release();
    }
    assertThat(client.open("w").run(program, "add", 1, 3).value().getAsInt()).isEqualTo(4);
    assertThat(marks("add-1-2")).isEqualTo(1);
  }

  @Test
  void aFailureIsPartOfTheHistoryUnlessItIsTheWorkflows() throws IOException {
    WorkflowClient.Open first = client.open("w");
    EnvelopeView failed = first.run(program, "fails", "f");
    assertThat(failed.errorType()).isEqualTo("task_error");
    crash();
    Files.createFile(root.resolve("marks/mended-f"));
    WorkflowClient.Open second = client.open("w");
    EnvelopeView again = second.run(program, "fails", "f");
    assertThat(again.error()).isEqualTo(failed.error());
    assertThat(marks("f")).isEqualTo(1);
    second.fail(List.of(again.execution().get("step_id").getAsString()));
    assertThat(client.listed("w").get("state").getAsString()).isEqualTo("failed");
    assertThat(client.open("w").run(program, "fails", "f").value().getAsString())
        .isEqualTo("mended");
  }

  @Test
  void anotherAttemptOfAStepRepeatsOnlyWhatFailedInIt() throws IOException {
    Pending run = client.open("w").start(program, "tries");
    await("inner", 1);
    Files.createFile(root.resolve("marks/mended-inner"));
    assertThat(run.envelope().value().getAsInt()).isEqualTo(14);
    assertThat(marks("add-7-7")).isEqualTo(1);
    assertThat(marks("tries")).isGreaterThan(1);
    assertThat(marks("inner")).isEqualTo(marks("tries"));
  }

  @Test
  void aRunMayBeTheWorkflow() throws IOException {
    Pending _ = client.open("w").main(program, "main", 3);
    await("last", 1);
    crash();
    go("last");
    EnvelopeView envelope = client.open("w").main(program, "main", 3).envelope();
    assertThat(envelope.value()).isEqualTo(Json.of("[10, 11, 12, \"last\"]"));
    assertThat(marks("main")).isEqualTo(2);
    assertThat(marks("add-2-10")).isEqualTo(1);
    assertThat(client.steps("w"))
        .allSatisfy(step -> assertThat(step.get("parent")).isEqualTo(JsonNull.INSTANCE));
  }

  @Test
  void aChangedMainIsTold() {
    Pending _ = client.open("w").main(program, "main", 3);
    await("last", 1);
    crash();
    Program changed =
        Program.load(sidecar, root, TASKS.replace("[add(i, 10) for", "[add(i, 20) for"));
    Reply reply = client.open("w").main(changed, "main", 3).reply();
    assertThat(reply.code()).isEqualTo(REPLAY_MISMATCH);
    assertThat(marks("add-0-20")).isZero();
  }

  @Test
  void theClientsOwnStepsAndValuesAreWrittenDown() {
    WorkflowClient.Open first = client.open("w");
    JsonObject begun = first.begin("ask", Json.of("[1]"));
    assertThat(begun.get("done").getAsBoolean()).isFalse();
    assertThat(first.end(begun.get("step").getAsString(), Json.of("{\"a\":1}")).isError())
        .isFalse();
    assertThat(first.record("now", new JsonPrimitive(1.5))).isEqualTo(new JsonPrimitive(1.5));
    JsonObject open = first.begin("ask", Json.of("[2]"));
    crash();
    WorkflowClient.Open second = client.open("w");
    JsonObject done = second.begin("ask", Json.of("[1]"));
    assertThat(done.get("done").getAsBoolean()).isTrue();
    assertThat(done.get("result")).isEqualTo(Json.of("{\"a\":1}"));
    assertThat(second.record("now", new JsonPrimitive(2.5)).getAsDouble()).isEqualTo(1.5);
    JsonObject again = second.begin("ask", Json.of("[2]"));
    assertThat(again.get("done").getAsBoolean()).isFalse();
    assertThat(again.get("step")).isEqualTo(open.get("step"));
    assertThat(second.end("none", JsonNull.INSTANCE).code()).isEqualTo(INVALID_PARAMS);
  }

  @Test
  void aWorkflowRunsOnceAtATime() {
    WorkflowClient.Open first = client.open("w");
    Reply second = client.ask("openWorkflow", client.params("w"));
    assertThat(second.code()).isEqualTo(JOURNAL_ERROR);
    assertThat(second.data().get("kind").getAsString()).isEqualTo("busy");
    try (SidecarProcess other = SidecarProcess.ready()) {
      WorkflowClient elsewhere = new WorkflowClient(other, root);
      Reply third = elsewhere.ask("openWorkflow", elsewhere.params("w"));
      assertThat(third.data().get("kind").getAsString()).isEqualTo("busy");
      assertThat(third.errorMessage()).contains(Long.toString(sidecar.handle().pid()));
      first.release();
      assertThat(elsewhere.open("w").run(Program.load(other, root, TASKS), "add", 1, 1).success())
          .isTrue();
    }
  }

  @Test
  void aFinishedWorkflowGivesItsResultOnce() {
    WorkflowClient.Open first = client.open("w");
    assertThat(first.run(program, "add", 1, 2).success()).isTrue();
    first.finish(Json.of("{\"sum\":3}"));
    JsonObject again = client.opened(client.params("w"));
    assertThat(again.get("state").getAsString()).isEqualTo("finished");
    assertThat(again.get("workflow")).isEqualTo(JsonNull.INSTANCE);
    assertThat(again.get("result")).isEqualTo(Json.of("{\"sum\":3}"));
    JsonObject replay = client.params("w");
    replay.addProperty("replay", true);
    assertThat(client.open(replay).run(program, "add", 1, 2).value().getAsInt()).isEqualTo(3);
    assertThat(marks("add-1-2")).isEqualTo(1);
    JsonObject fresh = client.params("v");
    fresh.addProperty("fresh", true);
    assertThat(client.opened(fresh).get("state").getAsString()).isEqualTo("new");
  }

  @Test
  void otherInputUnderTheSameIdIsRefused() {
    JsonObject params = client.params("w");
    params.add("input", Json.of("{\"n\":1,\"m\":2}"));
    client.open(params).release();
    params.add("input", Json.of("{\"m\":2,\"n\":1}"));
    client.open(params).release();
    params.add("input", Json.of("{\"m\":2,\"n\":3}"));
    assertThat(client.ask("openWorkflow", params).code()).isEqualTo(REPLAY_MISMATCH);
    params.addProperty("onChange", "restart");
    assertThat(client.opened(params).get("state").getAsString()).isEqualTo("new");
  }

  @Test
  void aWorkflowIsCancelledFromElsewhere() {
    WorkflowClient.Open open = client.open("w");
    Pending running = open.start(program, "wait", "for-ever");
    await("for-ever", 1);
    try (SidecarProcess other = SidecarProcess.ready()) {
      WorkflowClient elsewhere = new WorkflowClient(other, root);
      JsonObject found =
          elsewhere.ask("cancelWorkflow", elsewhere.params("w")).result().getAsJsonObject();
      assertThat(found.get("state").getAsString()).isEqualTo("running");
    }
    Reply stopped = running.reply(); // no envelope: a call that was cancelled has one of that type
    assertThat(stopped.data().get("kind").getAsString()).isEqualTo("cancelled");
    Deadline.await(
        "the notification",
        () ->
            sidecar.notifications().stream()
                .anyMatch(each -> each.toString().contains("workflow/revoked")));
    Reply refused = open.start(program, "add", 1, 1).reply();
    assertThat(refused.data().get("kind").getAsString()).isEqualTo("cancelled");
    JsonObject close = new JsonObject();
    close.addProperty("workflow", open.handle());
    close.addProperty("outcome", "cancelled");
    assertThat(client.ask("closeWorkflow", close).isError()).isFalse();
    assertThat(client.listed("w").get("state").getAsString()).isEqualTo("cancelled");
    assertThat(client.ask("openWorkflow", client.params("w")).data().get("kind").getAsString())
        .isEqualTo("cancelled");
    assertThat(client.ask("resumeWorkflow", client.params("w")).isError()).isFalse();
    assertThat(client.opened(client.params("w")).get("state").getAsString()).isEqualTo("resumed");
  }

  @Test
  void aStepWhoseRequestIsCancelledIsRunAgain() throws IOException {
    WorkflowClient.Open open = client.open("w");
    Pending running = open.start(program, "wait", "x");
    await("x", 1);
    running.cancel();
    assertThat(running.reply().isError()).isTrue();
    open.release();
    go("x");
    assertThat(client.open("w").run(program, "wait", "x").success()).isTrue();
  }

  @Test
  void tasksKnowTheirStep() {
    EnvelopeView inside = client.open("w").run(program, "who");
    assertThat(inside.value().getAsJsonArray().get(0).getAsString()).isEqualTo("w");
    assertThat(inside.value().getAsJsonArray().get(1)).isEqualTo(inside.execution().get("step_id"));
    EnvelopeView outside = program.task("who").envelope();
    assertThat(outside.value()).isEqualTo(Json.of("[null, null, 0]"));
  }

  @Test
  void workflowsAreListedAndRemoved() {
    client.open("a").finish(JsonNull.INSTANCE);
    client.open("b").fail(List.of());
    WorkflowClient.Open _ = client.open("c");
    JsonObject failed = client.params("");
    failed.add("states", Json.array("failed"));
    assertThat(
            client
                .ask("listWorkflows", failed)
                .result()
                .getAsJsonObject()
                .getAsJsonArray("workflows"))
        .hasSize(1);
    JsonObject old = client.params("x");
    old.remove("id");
    old.addProperty("olderThan", "0s");
    assertThat(client.ask("removeWorkflows", old).result().toString()).contains("\"a\"", "\"b\"");
    assertThat(client.listed("c").get("state").getAsString()).isEqualTo("running");
    assertThat(client.ask("describeWorkflow", client.params("a")).code()).isEqualTo(INVALID_PARAMS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "openWorkflow | {'id':''} | id",
        "openWorkflow | {'id':'a\\nb'} | id",
        "openWorkflow | {'id':'x','onChange':'maybe'} | onChange",
        "openWorkflow | {'id':'x','durability':'some'} | durability",
        "openWorkflow | {'id':'x','root':'relative'} | root",
        "closeWorkflow | {'workflow':'w-none','outcome':'finished'} | workflow",
        "beginStep | {'workflow':'w-none','name':'x'} | workflow",
        "runTask | {'program':'PROGRAM','task':'who','workflow':'w-none'} | workflow",
        "listWorkflows | {'states':['odd']} | states",
        "listWorkflows | {'limit':0} | limit",
        "cancelWorkflow | {'id':'nobody'} | id",
        "removeWorkflows | {'olderThan':'long'} | olderThan",
        "removeWorkflows | {} | olderThan",
      })
  void whatCannotBeIsRefused(String method, String text, String field) {
    JsonObject params = Json.of(text.replace('\'', '"')).getAsJsonObject();
    if (!params.has("root")) {
      params.addProperty("root", root.toString());
    }
    if (params.has("program")) {
      params.addProperty("program", program.id());
    }
    Reply reply = client.ask(method, params);
    assertThat(reply.code()).isEqualTo(INVALID_PARAMS);
    assertThat(reply.data().get("field").getAsString()).isEqualTo(field);
  }
}
