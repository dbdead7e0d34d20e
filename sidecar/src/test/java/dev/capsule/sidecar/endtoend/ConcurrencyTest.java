package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many tasks at once, beside and inside one another. */
class ConcurrencyTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import asyncio, time
      from capsule import task, TaskError

      @task
      def spins():
          while True:
              pass

      @task
      def quick(n):
          return n * n

      @task
      def waits(n):
          time.sleep(0.05)
          return n

      @task
      def one_nested(n):
          return quick(n) + 1

      @task
      async def fan_out(n):
          return sum(await asyncio.gather(*[quick(i) for i in range(n)]))

      @task
      async def fan_out_of_waits(n):
          return sum(await asyncio.gather(*[waits(i) for i in range(n)]))

      @task
      def maps(n):
          return sum(quick.map(range(n)))

      @task
      def depth(n):
          return 0 if n == 0 else 1 + depth(n - 1)

      @task
      def fork_bomb():
          try:
              return fork_bomb.map(range(50))
          except TaskError as e:
              raise RuntimeError(str(e)[:200])

      @task
      def fails(n):
          if n == 3:
              raise KeyError("three")
          return n

      @task
      async def one_of_many_fails():
          done = await asyncio.gather(*[fails(i) for i in range(6)], return_exceptions=True)
          return [d if isinstance(d, int) else f"{type(d).__name__}: {d}" for d in done]

      @task
      def uncaught():
          return fails(3)

      @task
      def grand_total(n):
          return maps(n) + maps(n)
      """;

  @Test
  void spinningTasksDoNotKeepAThirdWaiting() {
    Program program = sidecar.load(TASKS);
    List<Pending> spinning = new ArrayList<>();
    for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors() + 1; i++) {
      spinning.add(program.task("spins").events("lifecycle").start());
    }
    for (int i = 0; i < 20; i++) {
      assertThat(program.task("quick").args(i).value().getAsInt()).isEqualTo(i * i);
    }
    assertThat(spinning).noneMatch(Pending::isAnswered);
    spinning.forEach(Pending::cancel);
    spinning.forEach(run -> assertThat(run.reply().code()).isEqualTo(-32800));
  }

  /** One tenant's thousand computing tasks do not come before another's one. */
  @Test
  void aTreeOfManyDoesNotStarveAnother() {
    Program program = sidecar.load(TASKS);
    Pending tree = program.task("maps").args(1000).start();
    assertThat(program.task("quick").args(7).value().getAsInt()).isEqualTo(49);
    assertThat(tree.isAnswered()).as("the tree is not through yet").isFalse();
    assertThat(tree.envelope().value().getAsLong()).isEqualTo(332_833_500L);
  }

  @Test
  void aThousandInFlightAllComeBackWithTheirOwnValue() {
    Program program = sidecar.load(TASKS);
    List<Pending> runs = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      runs.add(program.task("quick").args(i).start());
    }
    for (int i = 0; i < runs.size(); i++) {
      assertThat(runs.get(i).envelope().value().getAsInt()).isEqualTo(i * i);
    }
  }

  /** If the callers took every sandbox there is, none would be left for what they call. */
  @Test
  void aThousandThatEachCallAnotherAllComeBack() {
    Program program = sidecar.load(TASKS);
    List<Pending> runs = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      runs.add(program.task("one_nested").args(i).start());
    }
    for (int i = 0; i < runs.size(); i++) {
      assertThat(runs.get(i).envelope().value().getAsInt()).isEqualTo(i * i + 1);
    }
  }

  @Test
  void twoHundredUnderAsyncio() {
    Program program = sidecar.load(TASKS);
    assertThat(program.task("fan_out").args(200).value().getAsInt()).isEqualTo(2_646_700);
    assertThat(program.task("fan_out_of_waits").args(200).value().getAsInt()).isEqualTo(19_900);
    assertThat(program.task("grand_total").args(100).value().getAsInt()).isEqualTo(656_700);
  }

  @Test
  void callsAreNestedSixteenDeepAndNoDeeper() {
    Program program = sidecar.load(TASKS);
    assertThat(program.task("depth").args(16).value().getAsInt()).isEqualTo(16);
    EnvelopeView tooDeep = program.task("depth").args(17).envelope();
    assertThat(tooDeep.errorType()).isEqualTo("task_error");
    assertThat(tooDeep.error().toString()).contains("at most 16 deep: depth → depth");
  }

  @Test
  void aForkBombEndsAndTheSidecarLives() {
    EnvelopeView bomb = sidecar.load(TASKS).task("fork_bomb").option("timeout", "3s").envelope();
    assertThat(bomb.errorType()).isIn("timeout", "task_error", "out_of_fuel");
    sidecar.assertAnswers();
  }

  @Test
  void aNestedFailureRaisesInTheCallerAndLeavesTheOthers() {
    Program program = sidecar.load(TASKS);
    JsonElement done = program.task("one_of_many_fails").value();
    assertThat(done.getAsJsonArray()).hasSize(6);
    assertThat(done.getAsJsonArray().get(2)).isEqualTo(Json.of("2"));
    assertThat(done.getAsJsonArray().get(3).getAsString()).contains("three");
    EnvelopeView uncaught = program.task("uncaught").envelope();
    assertThat(uncaught.errorType()).isEqualTo("task_error");
    assertThat(uncaught.error().get("traceback").getAsString())
        .contains("in uncaught", "in fails", "three");
  }

  @Test
  void thousandsOneAfterTheOtherLeaveNoTrace() {
    Program program = sidecar.load(TASKS);
    long before = 0;
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 1000; i++) {
        program.task("quick").args(i).value();
      }
      before = round == 0 ? sidecar.process().residentBytes() : before;
    }
    assertThat(sidecar.process().residentBytes() - before).isLessThan(100L << 20);
  }
}
