package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attempts after a failed one: which failures get them, and what is counted. */
class RetriesTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import os, sys, time
      from capsule import task

      @task(max_retries=5)
      def succeeds_at(attempt):
          files = len(os.listdir("/marks"))
          open(f"/marks/{files}", "w").close()
          print("attempt", files)
          if files < attempt:
              raise ValueError(f"attempt {files}")
          return files

      @task(max_retries=2)
      def fails(how):
          if how == "raise":
              raise ValueError("no")
          if how == "exit":
              sys.exit(1)
          if how == "sleep":
              time.sleep(3600)
          if how == "fuel":
              while True:
                  pass
          if how == "value":
              return float("inf")
          if how == "memory":
              return len(bytearray(10**9))

      @task(max_retries=2)
      def arguments(a):
          return a

      state = []

      @task(max_retries=3)
      def is_fresh():
          state.append(1)
          if len(state) > 1:
              return "the state of an earlier attempt"
          raise ValueError(len(state))
      """;

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "3, 3"})
  void attemptsGoOnUntilOneSucceeds(int attempt, int retries) {
    Path marks = sidecar.newFolder();
    EnvelopeView envelope =
        sidecar
            .load(TASKS)
            .task("succeeds_at")
            .args(attempt)
            .option("mounts", Json.array(marks + "::/marks"))
            .envelope();
    assertThat(envelope.value().getAsInt()).isEqualTo(attempt);
    assertThat(envelope.execution().get("retries").getAsInt()).isEqualTo(retries);
  }

  @ParameterizedTest
  @CsvSource({
    "raise, task_error, 2",
    "exit, exit, 2",
    "sleep, timeout, 2",
    "fuel, out_of_fuel, 0",
    "value, invalid_result, 0",
    "memory, out_of_memory, 0",
  })
  void whatWouldOnlyFailAgainIsNotTriedAgain(String how, String type, int retries) {
    EnvelopeView envelope =
        sidecar
            .load(TASKS)
            .task("fails")
            .args(how)
            .option("timeout", how.equals("sleep") ? "50ms" : "60s")
            .option("compute", 100_000_000)
            .envelope();
    assertThat(envelope.errorType()).isEqualTo(type);
    assertThat(envelope.execution().get("retries").getAsInt()).isEqualTo(retries);
  }

  @Test
  void wrongArgumentsAndUnknownTasksAreNotTriedAgain() {
    Program program = sidecar.load(TASKS);
    assertThat(program.task("arguments").envelope().execution().get("retries").getAsInt()).isZero();
    assertThat(program.task("argument").envelope().execution().get("retries").getAsInt()).isZero();
  }

  @Test
  void theCallerMayForbidRetries() {
    EnvelopeView envelope =
        sidecar.load(TASKS).task("fails").args("raise").option("max_retries", 0).envelope();
    assertThat(envelope.execution().get("retries").getAsInt()).isZero();
  }

  @Test
  void everyAttemptHasASandboxOfItsOwn() {
    EnvelopeView envelope = sidecar.load(TASKS).task("is_fresh").envelope();
    assertThat(envelope.message()).isEqualTo("1");
    assertThat(envelope.execution().get("retries").getAsInt()).isEqualTo(3);
  }

  @Test
  void attemptsAreAnnouncedInTheirOrder() {
    sidecar
        .load(TASKS)
        .task("fails")
        .args("raise")
        .named("announced")
        .events("lifecycle")
        .envelope();
    List<String> seen =
        sidecar.process().notifications().stream()
            .filter(message ->
                message.getAsJsonObject("params").get("run").getAsString().equals("announced"))
            .map(RetriesTest::summary)
            .toList();
    assertThat(seen)
        .containsExactly(
            "task/queued",
            "task/started 0",
            "task/started 1",
            "task/started 2",
            "task/finished false task_error");
  }

  private static String summary(JsonObject message) {
    JsonObject params = message.getAsJsonObject("params");
    String method = message.get("method").getAsString();
    return switch (method) {
      case "task/started" -> method + " " + params.get("attempt");
      case "task/finished" ->
          method + " " + params.get("success") + " " + params.get("error_type").getAsString();
      default -> method;
    };
  }

  @Test
  void fuelOfAllAttemptsIsCounted() {
    Program program = sidecar.load(TASKS);
    long once = fuel(program.task("fails").args("raise").option("max_retries", 0).envelope());
    long thrice = fuel(program.task("fails").args("raise").envelope());
    assertThat(thrice).isGreaterThan(2 * once);
  }

  private static long fuel(EnvelopeView envelope) {
    return envelope.execution().get("fuel_consumed").getAsLong();
  }
}
