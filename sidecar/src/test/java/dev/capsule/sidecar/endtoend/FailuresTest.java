package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every kind of failure that a task can bring about, each beside a task that goes on. */
class FailuresTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String ENDINGS =
      """
      import asyncio, os, sys, time
      from capsule import task

      @task(timeout="200ms")
      def spins():
          while True:
              pass

      @task(timeout="200ms")
      def sleeps():
          time.sleep(3600)

      @task(timeout="200ms")
      async def sleeps_under_asyncio():
          await asyncio.gather(asyncio.sleep(3600), asyncio.sleep(3601))

      @task(timeout="200ms")
      def swallows_everything():
          while True:
              try:
                  time.sleep(3600)
              except BaseException:
                  pass

      @task(timeout="200ms")
      def spins_in_c():
          return sum(range(10**12))

      @task(timeout="200ms")
      def reads_a_pipe():
          return open("/pipes/silent").read()

      @task(compute=30_000_000)
      def burns_fuel():
          while True:
              pass

      @task(ram="60MB")
      def grows_a_list():
          kept = []
          while True:
              kept.append([0] * 1000)

      @task(ram="60MB")
      def grows_a_bytearray():
          kept = bytearray()
          while True:
              kept += bytes(1_000_000)

      @task(ram="60MB")
      def asks_for_too_much():
          return len(bytearray(10**9))

      def down(n):
          return 1 + down(n + 1)

      @task
      def recurses():
          return down(0)

      @task
      def recurses_without_limit():
          sys.setrecursionlimit(10**9)
          return down(0)

      @task
      def exits():
          sys.exit(3)

      @task
      def exits_at_once():
          os._exit(4)

      @task
      def raises():
          raise KeyError("nothing here")

      @task
      def interrupts():
          raise KeyboardInterrupt

      @task
      def aborts():
          os.abort()
      """;

  @ParameterizedTest
  @CsvSource({
    "spins, timeout",
    "sleeps, timeout",
    "sleeps_under_asyncio, timeout",
    "swallows_everything, timeout",
    "spins_in_c, timeout",
    "burns_fuel, out_of_fuel",
    "grows_a_list, out_of_memory",
    "grows_a_bytearray, out_of_memory",
    "asks_for_too_much, out_of_memory",
    "recurses, stack_overflow",
    "recurses_without_limit, stack_overflow",
    "exits, exit",
    "exits_at_once, exit",
    "raises, task_error",
    "interrupts, task_error",
    "aborts, task_error",
  })
  void eachEndIsToldByItsType(String task, String type) {
    EnvelopeView envelope = sidecar.load(ENDINGS).task(task).envelope();
    assertThat(envelope.errorType()).as("%s", envelope.json()).isEqualTo(type);
    assertThat(envelope.message()).isNotBlank();
    assertThat(envelope.execution().get("task_name").getAsString()).isEqualTo(task);
    assertThat(envelope.execution().get("retries").getAsInt()).isZero();
  }

  @Test
  void aReadThatBlocksTimesOut() throws IOException, InterruptedException {
    Path pipes = sidecar.newFolder();
    Process mkfifo = new ProcessBuilder("mkfifo", pipes.resolve("silent").toString()).start();
    assertThat(mkfifo.waitFor()).isZero();
    EnvelopeView envelope =
        sidecar
            .load(ENDINGS)
            .task("reads_a_pipe")
            .option("mounts", Json.array(pipes + "::/pipes:ro"))
            .envelope();
    assertThat(envelope.errorType()).isEqualTo("timeout");
  }

  @Test
  void aFailureNamesTheLimitAndWhatToDo() {
    Program program = sidecar.load(ENDINGS);
    assertThat(program.task("spins").option("timeout", "50ms").envelope().message())
        .isEqualTo("Task exceeded 50ms timeout limit");
    assertThat(program.task("burns_fuel").envelope().message())
        .contains("30,000,000")
        .contains("compute=");
  }
}
