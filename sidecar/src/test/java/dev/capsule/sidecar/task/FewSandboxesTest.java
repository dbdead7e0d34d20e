package dev.capsule.sidecar.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.LoadProgramParams;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RunTaskParams;
import dev.capsule.sidecar.harness.SidecarProcess;
import dev.capsule.sidecar.journal.Journals;
import dev.capsule.sidecar.sandbox.InProcessEngine;
import dev.capsule.sidecar.sandbox.Start;
import dev.capsule.sidecar.trace.Tracing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Nested tasks where sandboxes are few, with real guests: callers keep theirs while they wait, and
 * yet all come to their end.
 */
@Timeout(300)
class FewSandboxesTest {
  private static final String TASKS =
      """
      import asyncio, functools, time
      from capsule import task

      @task
      def tree(depth, width):
          if not depth:
              return 1
          branch = functools.partial(tree.aio, depth - 1, width)
          async def branches():
              return await asyncio.gather(*[branch() for _ in range(width)])
          return 1 + sum(asyncio.run(branches()))

      @task
      def chain(depth):
          return 1 + chain(depth - 1) if depth else 0

      @task
      def leaf(n):
          return n

      @task
      def wide(n):
          return sum(leaf.map(range(n)))

      @task
      def sleeper(n):
          time.sleep(3600)

      @task
      def crowd(n):
          return sleeper.map(range(n))
      """;

  @TempDir static @Nullable Path folder;

  private static final InProcessEngine ENGINE = engine();
  private static final TaskService SERVICE =
      new TaskService(
          ENGINE,
          List.of(
              new Language(
                  "python", List.of(".py"), new Language.Files(".py", "__init__.py"), null, "")),
          new Journals(Map.of(), message -> {}),
          new Tracing(Map.of(), "test", problem -> {}),
          Map.of());

  private static InProcessEngine engine() {
    Path home = SidecarProcess.home();
    return new InProcessEngine(
        home.resolve("native").resolve(System.mapLibraryName("wasmtime")),
        Map.of("python", home.resolve("guests/python.wasm")),
        Path.of(System.getProperty("user.home"), ".cache", "capsule"),
        List.of(),
        Start.MAX_DEPTH + 4,
        progress -> {});
  }

  @AfterAll
  static void close() {
    ENGINE.close();
  }

  private static final class Silent implements RunListener {
    @Override
    public void queued(Run run) {}

    @Override
    public void started(Run run, int attempt) {}

    @Override
    public void printed(Run run, boolean error, String text) {}

    @Override
    public void finished(Run run, @Nullable String errorType, long durationMs) {}
  }

  private static TaskService.Running start(String task, String args) {
    String root = String.valueOf(folder);
    String program =
        SERVICE
            .loadProgram(
                Json.gson().fromJson(params(root).toString(), LoadProgramParams.class),
                progress -> {})
            .program();
    JsonObject run = new JsonObject();
    run.addProperty("program", program);
    run.addProperty("task", task);
    run.add("args", JsonParser.parseString(args));
    return SERVICE.runTask(
        Json.gson().fromJson(run.toString(), RunTaskParams.class),
        new Silent(),
        params -> new CompletableFuture<>());
  }

  private static JsonObject params(String root) {
    JsonObject params = new JsonObject();
    params.addProperty("language", "python");
    params.addProperty("root", root);
    params.addProperty("module", "main");
    params.addProperty("file", root + "/main.py");
    params.addProperty("source", TASKS);
    return params;
  }

  private static @Nullable RawJson result(TaskService.Running running) throws Exception {
    Envelope envelope = running.envelope().get(250, TimeUnit.SECONDS);
    assertThat(envelope.error()).isNull();
    return envelope.result();
  }

  @Test
  void chainsToTheGreatestDepthSideBySide() throws Exception {
    List<TaskService.Running> runs = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      runs.add(start("chain", "[16]"));
    }
    for (TaskService.Running run : runs) {
      assertThat(result(run)).hasToString("16");
    }
  }

  @ParameterizedTest
  @CsvSource({"8, 2, 511", "3, 7, 400", "16, 1, 17"})
  void treesThatFanOutAtEachDepth(int depth, int width, String nodes) throws Exception {
    String source = "[" + depth + "," + width + "]";
    List<TaskService.Running> runs = List.of(start("tree", source), start("tree", source));
    for (TaskService.Running run : runs) {
      assertThat(result(run)).hasToString(nodes);
    }
  }

  @Test
  void moreThanThereAreSandboxesWaitForOneAnother() throws Exception {
    assertThat(result(start("wide", "[300]"))).hasToString("44850");
  }

  /** Those that wait for a sandbox end with their caller, without ever having one. */
  @Test
  void aCrowdThatWaitsIsCancelledWhole() throws Exception {
    TaskService.Running crowd = start("crowd", "[400]");
    TaskService.Running beside = start("leaf", "[7]");
    assertThat(result(beside)).hasToString("7");
    crowd.cancel();
    Envelope envelope = crowd.envelope().get(250, TimeUnit.SECONDS);
    assertThat(envelope.error()).isNotNull().extracting("type").isEqualTo("cancelled");
    assertThat(result(start("chain", "[16]"))).hasToString("16");
  }
}
