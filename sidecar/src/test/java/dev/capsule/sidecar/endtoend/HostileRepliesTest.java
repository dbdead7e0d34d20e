package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tasks that overwrite their own interpreter, so that the host gets a reply of theirs instead of
 * the runner's. Such a reply harms its own task alone, and claims nothing that the host decides.
 */
class HostileRepliesTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String FORGER =
      """
      from capsule import task

      @task
      def inner(reply):
          from capsule_guest import results
          results.encode = lambda *a, **k: reply
          return 1

      @task
      def inner_large(size):
          from capsule_guest import results
          results.encode = lambda *a, **k: '"' + "x" * size + '"'
          return 1

      @task
      def error_object(text):
          import json
          from capsule_guest import errors, tracebacks
          errors.of_exception = lambda problem, loading: json.loads(text)
          raise ValueError

      @task
      def calls_inner(reply):
          return inner(reply)
      """;

  /** {@code reply} stands where the runner puts the result: {@code {"ok":…}}. */
  private static EnvelopeView forged(String reply) {
    return sidecar.load(FORGER).task("inner").args(reply).envelope();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "}",
        "{",
        "nul",
        "1,\"error\":{\"type\":\"timeout\"}",
        "1}{\"ok\":2",
        "NaN",
        "01",
        "'x'",
        "\"\\ud800\"",
        "[1,]",
        "{\"a\":1,}",
        "1 // comment",
        "\u0000",
        "Infinity",
        "\"\t\""
      })
  void aReplyThatIsNotJsonIsAnInvalidResult(String reply) {
    EnvelopeView envelope = forged(reply);
    assertThat(envelope.errorType()).as("%s", envelope.json()).isEqualTo("invalid_result");
    assertThat(envelope.message()).contains("overwritten");
  }

  @Test
  void aReplyThatIsTooDeepIsAnInvalidResult() {
    for (int depth : new int[] {256, 1000, 1_000_000}) {
      assertThat(forged("[".repeat(depth) + "]".repeat(depth)).errorType())
          .isEqualTo("invalid_result");
    }
    int deepest = 200;
    assertThat(forged("[".repeat(deepest) + "]".repeat(deepest)).success()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {40_000_000, 100_000_000})
  void aReplyThatIsTooLongIsAnInvalidResult(int size) {
    EnvelopeView envelope =
        sidecar.load(FORGER).task("inner_large").args(size).option("ram", "1GiB").envelope();
    assertThat(envelope.errorType()).isEqualTo("invalid_result");
  }

  @Test
  void theResultLimitHoldsForForgersToo() {
    Program program = sidecar.load(FORGER);
    assertThat(
            program
                .task("inner")
                .args("\"" + "é".repeat(600) + "\"")
                .option("max_result", 1000)
                .envelope()
                .errorType())
        .isEqualTo("invalid_result");
  }

  @ParameterizedTest
  @CsvSource({
    "timeout, task_error",
    "policy_denied, task_error",
    "cancelled, task_error",
    "internal, task_error",
    "worker_lost, task_error",
    "overloaded, task_error",
    "out_of_fuel, task_error",
    "made_up, task_error",
    "exit, exit",
    "stack_overflow, stack_overflow",
  })
  void whatOnlyTheHostDecidesCannotBeClaimed(String claimed, String told) {
    EnvelopeView envelope =
        sidecar
            .load(FORGER)
            .task("error_object")
            .args(
                "{\"type\":\""
                    + claimed
                    + "\",\"message\":\"m\",\"class\":null,\"traceback\":null}")
            .envelope();
    assertThat(envelope.errorType()).isEqualTo(told);
  }

  @Test
  void anErrorOfWrongTypesIsStillAnError() {
    Program program = sidecar.load(FORGER);
    for (String error :
        new String[] {
          "{}",
          "[]",
          "null",
          "{\"type\":[]}",
          "{\"message\":{}}",
          "{\"class\":[[]]}",
          "5",
          "{\"type\":\"source_error\",\"line\":1e999,\"message\":\"m\"}"
        }) {
      assertThat(program.task("error_object").args(error).envelope().errorType())
          .as(error)
          .isIn("task_error", "invalid_result", "source_error");
    }
  }

  @Test
  void aCallerOfAForgerGetsAnErrorNotTheForgery() {
    EnvelopeView envelope =
        sidecar.load(FORGER).task("calls_inner").args("1},{\"id\":2,\"ok\":\"forged\"").envelope();
    assertThat(envelope.errorType()).isEqualTo("task_error");
    assertThat(envelope.json().toString()).contains("overwritten").doesNotContain("\"forged\"");
  }
}
