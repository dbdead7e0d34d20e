package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code $/cancelRequest}: the request ends with -32800, and all that it started stops. */
class CancellationTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import asyncio, time
      from capsule import task

      @task
      def spins():
          print("on", flush=True)
          while True:
              pass

      @task
      def sleeps():
          print("on", flush=True)
          time.sleep(3600)

      @task
      def refuses_to_end():
          print("on", flush=True)
          while True:
              try:
                  while True:
                      time.sleep(0.001)
              except BaseException:
                  pass

      @task
      def beats():
          n = 0
          while True:
              n += 1
              with open("/beats/beat", "w") as file:
                  file.write(str(n))
              if n == 3:
                  print("on", flush=True)
              time.sleep(0.001)

      @task
      def calls():
          beats()

      @task
      async def gathers():
          await asyncio.gather(*[calls() for _ in range(3)], beats())

      @task(max_retries=100)
      def fails():
          print("on", flush=True)
          raise ValueError("again")

      @task
      def floods():
          while True:
              print("on" * 1000)
      """;

  private static void awaitOutput(String run) {
    Deadline.await(
        "output of " + run,
        () ->
            sidecar.process().notifications().stream()
                .map(message -> message.getAsJsonObject("params"))
                .anyMatch(params ->
                    params.get("run").getAsString().equals(run)
                        || (params.has("parent") && !params.get("parent").isJsonNull())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"spins", "sleeps", "refuses_to_end", "fails", "floods"})
  void aRunningTaskStops(String task) {
    Program program = sidecar.load(TASKS);
    Pending run = program.task(task).named("c-" + task).start();
    awaitOutput("c-" + task);
    run.cancel();
    assertThat(run.reply().code()).isEqualTo(-32800);
  }

  /** The longest pause between two attempts is long; a cancellation does not wait for its end. */
  @Test
  void aTaskThatWaitsForItsNextAttemptStops() {
    Program program = sidecar.load(TASKS);
    Pending run = program.task("fails").named("pausing").start();
    Deadline.await(
        "six attempts: the next pause is 1.6 s",
        () -> sidecar.process().output("pausing", "stdout").length() >= 3 * 6);
    run.cancel();
    assertThat(run.reply().code()).isEqualTo(-32800);
    assertThat(sidecar.process().output("pausing", "stdout")).hasSize(3 * 6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"calls", "gathers"})
  void whatItCalledStopsToo(String task) {
    String source =
        TASKS.replace("@task\ndef beats", "@task(allowed_files=[\"beats\"])\ndef beats");
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("beats/readme"), "");
    Program program = Program.load(sidecar.process(), folder, source);
    Pending run = program.task(task).named("n-" + task).start();
    Path beat = folder.resolve("beats/beat");
    Deadline.await("the nested task runs", () -> beat.toFile().length() > 0);
    run.cancel();
    assertThat(run.reply().code()).isEqualTo(-32800);
    Deadline.await("the nested task is still", () -> isStill(beat));
  }

  /**
   * A task that writes a thousand times a second has not written for a hundred pings. What it wrote
   * last is no sign: it may have been stopped between the opening, which empties the file, and the
   * writing.
   */
  private static boolean isStill(Path file) {
    try {
      FileTime before = Files.getLastModifiedTime(file);
      for (int i = 0; i < 100; i++) {
        sidecar.assertAnswers();
      }
      return before.equals(Files.getLastModifiedTime(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void queuedTasksStopBeforeTheyBegin() {
    Program program = sidecar.load(TASKS);
    List<Pending> runs = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      runs.add(program.task("spins").named("q" + i).start());
    }
    runs.forEach(Pending::cancel);
    for (Pending run : runs) {
      assertThat(run.reply().code()).isEqualTo(-32800);
    }
  }

  @Test
  void aCancellationRightAfterTheRequestIsNotLost() {
    Program program = sidecar.load(TASKS);
    for (int i = 0; i < 100; i++) {
      Pending run = program.task("sleeps").start();
      run.cancel();
      assertThat(run.reply().code()).isEqualTo(-32800);
    }
  }

  @Test
  void aProgramThatDoesNotLoadCanBeCancelled() {
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("main.py"), "while True:\n    pass\n");
    Pending load = sidecar.process().request("loadProgram", Program.params(folder));
    load.cancel();
    assertThat(load.reply().code()).isEqualTo(-32800);
  }

  @Test
  void whatIsNotInUseIsIgnored() {
    Pending done = sidecar.load(TASKS).task("nobody").start();
    done.reply();
    done.cancel();
    for (String params :
        new String[] {
          "{\"id\":\"unknown\"}", "{\"id\":null}", "{}", "[]", "[1]", "{\"id\":{}}", "{\"id\":1.5}"
        }) {
      sidecar.process().notify("$/cancelRequest", Json.of(params));
    }
    sidecar.process().notify("$/cancelRequest", null);
    sidecar.process().notify("$/somethingElse", new JsonObject());
    sidecar.assertAnswers();
  }

  @Test
  void anIdIsCancelledInTheFormInWhichItCame() {
    Program program = sidecar.load(TASKS);
    Pending run = program.task("sleeps").start(new JsonPrimitive(424_242));
    sidecar.process().notify("$/cancelRequest", Json.of("{\"id\":\"424242\"}"));
    sidecar.assertAnswers();
    assertThat(run.isAnswered()).isFalse();
    run.cancel();
    assertThat(run.reply().code()).isEqualTo(-32800);
  }

  /** Output in abundance that is read slowly does not keep a cancellation from being heard. */
  @Test
  void aCancellationIsHeardWhileNobodyReads() {
    Program program = sidecar.load(TASKS);
    List<Pending> floods = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      floods.add(program.task("floods").named("flood" + i).start());
    }
    awaitOutput("flood0");
    sidecar.process().pauseReading();
    List<Pending> refused = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      refused.add(sidecar.process().request("nonsense", null));
    }
    floods.forEach(Pending::cancel);
    sidecar.process().resumeReading();
    for (Pending flood : floods) {
      assertThat(flood.reply().code()).isEqualTo(-32800);
    }
    for (Pending each : refused) {
      assertThat(each.reply().code()).isEqualTo(-32601);
    }
  }
}
