package dev.capsule.sidecar.attack;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Code that wants to outlast its time, or to keep others from theirs. */
class TimeTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import _imp, asyncio, json, select, signal, socket, sys, threading, time
      from importlib.machinery import BuiltinImporter
      from capsule import task, TaskError
      from wit_world.imports import host

      short = task(timeout="300ms", compute="HIGH")

      @short
      def sleeps_long():
          time.sleep(10**9)

      @short
      def sleeps_often():
          while True:
              time.sleep(0)

      @short
      def waits_for_ever():
          host.wait([], None)

      @short
      def waits_the_longest():
          host.wait([], 2**64 - 1)

      @short
      def waits_often():
          while True:
              host.wait([], 0)

      @short
      def travels_in_time():
          real = time.time
          time.time = time.monotonic = time.perf_counter = lambda: 0.0
          time.sleep = lambda s: None
          while True:
              pass

      @short
      async def timers():
          loop = asyncio.get_running_loop()
          def again():
              loop.call_soon(again)
          again()
          await asyncio.sleep(10**6)

      @short
      async def many_timers():
          await asyncio.gather(*[asyncio.sleep(10**6 + i) for i in range(1000)])

      @short
      async def shields():
          async def forever():
              while True:
                  try:
                      await asyncio.sleep(3600)
                  except BaseException:
                      pass
          while True:
              try:
                  await asyncio.shield(forever())
              except BaseException:
                  pass

      @short
      def waits_for_a_nested_one():
          sleeper()

      @short
      def finally_goes_on():
          try:
              time.sleep(3600)
          finally:
              while True:
                  pass

      @short
      def selects():
          while True:
              select.select([], [], [], 3600)

      @short
      def waits_for_a_lock():
          lock = threading.Lock()
          lock.acquire()
          while True:
              lock.acquire(timeout=3600)

      @short
      def waits_for_an_event():
          while True:
              threading.Event().wait(3600)

      def original(name):
          # a second copy of a built-in module, without what the sandbox has replaced in it
          spec = BuiltinImporter.find_spec(name)
          module = _imp.create_builtin(spec)
          _imp.exec_builtin(module)
          return module

      @task
      def sleeps_by_the_original():
          original("time").sleep(10**6)

      @task
      def selects_by_the_original():
          original("select").select([], [], [], 10**6)

      @task
      def polls_by_the_original():
          original("select").poll().poll(10**9)

      @task(timeout="24h")
      def sleeper():
          time.sleep(3600)

      @task
      def negative():
          try:
              time.sleep(-1)
          except ValueError as e:
              return str(e)

      @task
      def not_a_number():
          out = []
          for each in (float("nan"), None, -0.001):
              try:
                  time.sleep(each)
              except (ValueError, TypeError, OverflowError) as e:
                  out.append(type(e).__name__)
          return out

      @task
      def clock_goes_on():
          before, wall = time.monotonic(), time.time()
          time.sleep(0.05)
          return [time.monotonic() - before >= 0.05, time.time() >= wall, 1.7e9 < wall < 5e9]

      @task
      def node(depth, width, how):
          print("on", depth)
          if depth == 0:
              while True:
                  if how == "sleeps":
                      time.sleep(3600)
                  elif how == "prints":
                      print("x" * 1000)
          ids = [host.submit(json.dumps({"op": "call", "task": "node", "args": [depth - 1, width if depth == 2 else 1, how]}))
                 for _ in range(width)]
          for id in ids:
              host.wait([id], None)
      """;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sleeps_long",
        "sleeps_often",
        "waits_for_ever",
        "waits_the_longest",
        "waits_often",
        "travels_in_time",
        "timers",
        "many_timers",
        "shields",
        "waits_for_a_nested_one",
        "finally_goes_on",
        "selects",
        "waits_for_a_lock",
        "waits_for_an_event",
      })
  void noTrickOutlastsTheTimeLimit(String task) {
    EnvelopeView envelope = sidecar.load(TASKS).task(task).envelope();
    assertThat(envelope.errorType()).as("%s", envelope.json()).isEqualTo("timeout");
  }

  /** What waits by WASI could not be ended by any limit: it ends at once, and as no timeout. */
  @ParameterizedTest
  @ValueSource(
      strings = {"sleeps_by_the_original", "selects_by_the_original", "polls_by_the_original"})
  void nothingWaitsByWasi(String task) {
    EnvelopeView envelope = sidecar.load(TASKS).task(task).envelope();
    assertThat(envelope.json().get("success").getAsBoolean()).isFalse();
    assertThat(envelope.message()).contains("the WASI clock cannot be waited on");
  }

  @Test
  void timesThatAreNoneAreErrors() {
    Program program = sidecar.load(TASKS);
    assertThat(program.task("negative").value().getAsString()).contains("non-negative");
    assertThat(program.task("not_a_number").value().getAsJsonArray()).hasSize(3);
    assertThat(program.task("clock_goes_on").value().toString()).isEqualTo("[true,true,true]");
  }

  /**
   * A tree of depth 5 that fans out to 20: when it is cancelled, all of it ends, told one by one.
   */
  @ParameterizedTest
  @ValueSource(strings = {"sleeps", "spins", "prints"})
  void aCancelledTreeEndsWhole(String how) {
    Program program = sidecar.load(TASKS);
    List<Pending> trees = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      String run = "tree-" + how + i;
      trees.add(program.task("node").args(5, 20, how).named(run).events("lifecycle").start());
    }
    Deadline.await(
        "a hundred of the two hundred and two have begun", () -> count("task/started", how) >= 100);
    trees.forEach(Pending::cancel);
    for (Pending tree : trees) {
      assertThat(tree.reply().code()).isEqualTo(-32800);
    }
    assertThat(count("task/finished", how))
        .as("each that was queued has ended before the tree is told to have ended")
        .isEqualTo(count("task/queued", how));
    sidecar.assertAnswers();
  }

  private static long count(String method, String how) {
    return sidecar.process().notifications().stream()
        .filter(message -> message.get("method").getAsString().equals(method))
        .filter(message -> root(message.getAsJsonObject("params")).startsWith("tree-" + how))
        .count();
  }

  private static String root(JsonObject params) {
    JsonObject at = params;
    while (!at.get("parent").isJsonNull()) {
      String parent = at.get("parent").getAsString();
      at =
          sidecar.process().notifications().stream()
              .filter(message -> message.get("method").getAsString().equals("task/queued"))
              .map(message -> message.getAsJsonObject("params"))
              .filter(params2 -> params2.get("run").getAsString().equals(parent))
              .findFirst()
              .orElseThrow();
    }
    return at.get("run").getAsString();
  }
}
