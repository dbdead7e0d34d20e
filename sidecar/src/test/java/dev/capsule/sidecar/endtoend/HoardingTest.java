package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.SharedSidecar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Tasks that ask the host for more than it can hold: too many operations, too much in each, results
 * that nobody fetches.
 */
class HoardingTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import json
      from wit_world.imports import host
      from capsule import task

      def outcome(completions):
          return [c.get("error", c) for c in json.loads(completions)]

      @task
      def submits(operation):
          return outcome(host.wait([host.submit(operation)], None))

      @task
      def opens(count, operation):
          ids = [host.submit(operation) for _ in range(count)]
          types = {}
          while ids:
              ended = json.loads(host.wait(ids, None))
              ids = sorted(set(ids) - {c["id"] for c in ended})
              for c in ended:
                  kind = c["error"]["type"] if "error" in c else "ok"
                  types[kind] = types.get(kind, 0) + 1
          return types

      @task
      def abandons(count):
          for _ in range(count):
              host.submit('{"op":"cancel","id":0}')
          return submits_value(7)

      @task
      def submits_value(n):
          return n

      @task
      def repeats(times, size):
          operation = '{"op":"call","task":"sleeps","args":["' + "x" * size + '"]}'
          return [host.submit(operation) for _ in range(times)][-1]

      @task
      def hoards(times):
          ids = [host.submit('{"op":"call","task":"large"}') for _ in range(times)]
          kinds = {}
          for id in reversed(ids):
              text = host.wait([id], None)
              kind = "ok" if '"ok"' in text[:40] else "overloaded" if "overloaded" in text[:80] else "?"
              kinds[kind] = kinds.get(kind, 0) + 1
          return kinds

      @task(timeout="10s")
      def sleeps(_=None):
          host.wait([], 3_600_000)

      @task
      def large():
          return "y" * 30_000_000

      """;

  /** Most get no sandbox, and all end with the task that asked for them. */
  @Test
  void twelveThousandTasksAtOnceAreRefusedOneByOne() {
    assertThat(sidecar.load(TASKS).task("repeats").args(12_000, 0).value().getAsInt())
        .isEqualTo(12_000);
    JsonObject outcome =
        sidecar
            .load(TASKS)
            .task("opens")
            .args(20_000, "garbage")
            .option("compute", "HIGH")
            .value()
            .getAsJsonObject();
    assertThat(outcome.toString()).isEqualTo("{\"invalid_arguments\":20000}");
  }

  @Test
  void operationsThatNobodyWaitsForTakeNoRoom() {
    assertThat(sidecar.load(TASKS).task("abandons").args(20_000).value().getAsInt()).isEqualTo(7);
  }

  /** Two gigabytes of arguments, of tasks that have not begun, for a sidecar with a heap of one. */
  @Test
  void argumentsAreNotHoardedInTheHost() {
    assertThat(sidecar.load(TASKS).task("repeats").args(200, 10_000_000).value().getAsInt())
        .isEqualTo(200);
    assertThat(sidecar.process().errors()).doesNotContain("OutOfMemory");
  }

  @Test
  void resultsAreNotHoardedInTheHost() {
    JsonObject kinds = sidecar.load(TASKS).task("hoards").args(12).value().getAsJsonObject();
    assertThat(kinds.get("ok").getAsInt()).isPositive();
    assertThat(kinds.get("overloaded").getAsInt()).isPositive();
    assertThat(kinds.size()).isEqualTo(2);
  }

  @Test
  void operationsOfTwentyMegabytesAreJustOperations() {
    String garbage =
        "{\"op\":\"call\",\"task\":\"submits_value\",\"args\":[\"" + "z".repeat(20_000_000);
    JsonObject params = sidecar.load(TASKS).task("submits").option("ram", "1GiB").params();
    params.add("args", Json.array(garbage));
    JsonElement outcome =
        sidecar.process().request("runTask", params).envelope().value().getAsJsonArray().get(0);
    assertThat(outcome.getAsJsonObject().get("type").getAsString()).isEqualTo("invalid_arguments");
    params.add("args", Json.array(garbage + "\"]}"));
    JsonElement called =
        sidecar.process().request("runTask", params).envelope().value().getAsJsonArray().get(0);
    assertThat(called.getAsJsonObject().get("ok").getAsString()).hasSize(20_000_000);
  }
}
