package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a task's value and its exceptions look like in the envelope. */
class ResultsTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      from capsule import task

      @task
      def echo(value):
          return value

      @task
      def many(n):
          return "0123456789" * (n // 10)

      @task
      def not_a_number():
          return {"items": [1, float("nan")]}

      @task
      def cycle():
          items = []
          items.append(items)
          return items

      @task
      def an_object():
          return {"thing": object()}

      @task
      def surrogate():
          return "\\ud800"

      @task
      def deep():
          value = []
          for _ in range(400):
              value = [value]
          return value

      @task(max_result="1KB")
      def too_large():
          return "é" * 600

      @task(max_result=12)
      def just_fits():
          return "é" * 5

      class Oops(Exception):
          pass

      def helper(value):
          raise Oops(f"bad value {value!r}")

      @task
      def raises(value):
          helper(value)

      @task
      def two_parameters(a, *, b):
          return [a, b]
      """;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "\"\"",
        "\"text\"",
        "[]",
        "{}",
        "[[[[]]]]",
        "{\"a\":{\"b\":[1,2,{\"c\":null}]}}",
        "12345678901234567890123",
        "1e300",
        "\"\\u0000\\u0001\"",
        "\"é€😀\"",
        // shaped like what the host and the guest say to one another
        "{\"error\":{\"type\":\"timeout\",\"message\":\"m\"}}",
        "{\"ok\":1}",
        "{\"success\":false,\"result\":null,\"error\":{\"type\":\"internal\",\"message\":\"x\"}}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1,\"message\":\"x\"}}",
        "{\"\":1,\" \":2,\"__class__\":\"x\",\"$type\":3}"
      })
  void aValueComesBackAsItWentIn(String json) {
    assertThat(sidecar.load(TASKS).task("echo").args(Json.of(json)).value())
        .isEqualTo(Json.of(json));
  }

  @Test
  void twentyMegabytesComeBackToTheByte() {
    int size = 20_000_000;
    assertThat(sidecar.load(TASKS).task("many").args(size).value().getAsString())
        .isEqualTo("0123456789".repeat(size / 10));
  }

  @Test
  void twentyMegabytesOfArgumentsArrive() {
    String large = "aé€😀".repeat(2_000_000);
    assertThat(sidecar.load(TASKS).task("echo").args(large).value().getAsString()).isEqualTo(large);
  }

  @ParameterizedTest
  @CsvSource({
    "not_a_number, result.items[1]",
    "cycle, result",
    "an_object, result.thing",
    "surrogate, result",
    "deep, result",
    "too_large, max_result",
  })
  void aValueThatIsNotJsonIsAnErrorThatSaysWhere(String task, String where) {
    EnvelopeView envelope = sidecar.load(TASKS).task(task).envelope();
    assertThat(envelope.errorType()).isEqualTo("invalid_result");
    assertThat(envelope.message()).contains(where);
  }

  @Test
  void aResultOfExactlyTheLimitFits() {
    assertThat(sidecar.load(TASKS).task("just_fits").value().getAsString()).hasSize(5);
  }

  @Test
  void anExceptionHasItsClassMessageAndTheUsersFrames() {
    EnvelopeView envelope = sidecar.load(TASKS).task("raises").args("x").envelope();
    JsonObject error = envelope.error();
    assertThat(error.get("type").getAsString()).isEqualTo("task_error");
    assertThat(error.get("class").getAsString()).isEqualTo("Oops");
    assertThat(error.get("message").getAsString()).isEqualTo("bad value 'x'");
    assertThat(error.get("traceback").getAsString())
        .contains("main.py", "in raises", "in helper", "raise Oops")
        .doesNotContain("capsule_guest");
  }

  @ParameterizedTest
  @CsvSource({"'[]', a", "'[1]', b", "'[1,2]', positional"})
  void argumentsThatDoNotFitNameTheParameter(String args, String named) {
    JsonObject params = sidecar.load(TASKS).task("two_parameters").params();
    params.add("args", Json.of(args));
    EnvelopeView envelope = sidecar.process().request("runTask", params).envelope();
    assertThat(envelope.errorType()).isEqualTo("invalid_arguments");
    assertThat(envelope.message()).contains("two_parameters()").contains(named);
  }

  @Test
  void theEnvelopeHasWhatTheDocumentSays() {
    EnvelopeView envelope = sidecar.load(TASKS).task("echo").args(1).named("my-run").envelope();
    assertThat(envelope.json().keySet()).containsExactly("success", "result", "error", "execution");
    JsonObject execution = envelope.execution();
    assertThat(execution.keySet())
        .containsExactly(
            "task_name",
            "duration_ms",
            "retries",
            "fuel_consumed",
            "ram_used",
            "host_requests",
            "limits",
            "run_id",
            "trace_id",
            "step_id",
            "replayed");
    assertThat(execution.get("run_id").getAsString()).isEqualTo("my-run");
    assertThat(execution.get("trace_id").getAsString()).matches("[0-9a-f]{32}");
    assertThat(execution.get("fuel_consumed").getAsLong()).isBetween(1_000L, 100_000_000L);
    assertThat(execution.get("ram_used").getAsLong()).isBetween(1L << 20, 256_000_000L);
  }

  @Test
  void fuelAndMemoryGrowWithWhatIsDone() {
    Program program =
        sidecar.load(
            """
            from capsule import task

            @task
            def works(rounds, size):
                kept = bytearray(size)
                return sum(range(rounds)) + len(kept)
            """);
    JsonObject little = program.task("works").args(1_000, 0).envelope().execution();
    JsonObject much = program.task("works").args(1_000_000, 50_000_000).envelope().execution();
    assertThat(much.get("fuel_consumed").getAsLong())
        .isGreaterThan(10 * little.get("fuel_consumed").getAsLong());
    assertThat(much.get("ram_used").getAsLong())
        .isGreaterThan(little.get("ram_used").getAsLong() + 40_000_000);
  }
}
