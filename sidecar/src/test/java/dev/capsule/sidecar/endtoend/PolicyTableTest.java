package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A task is held to the same on every path: asked for by the client, called by another task, one of
 * many at once; the first time and the tenth. Each task runs into a limit, whose failure names it.
 */
class PolicyTableTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final int CALLS = 10;
  private static final String CONFIG =
      """
      [tasks]
      default_ram = "50MB"
      default_allowed_files = ["data:ro"]

      [tasks.slow]
      timeout = "200ms"

      [ceiling]
      max_result = "8KB"
      """;
  private static final String TASKS =
      """
      import asyncio, os, time
      from capsule import task

      @task(compute=600_000_000)
      def busy(_):
          while True:
              pass

      @task
      def slow(_):
          time.sleep(3600)

      @task
      def large(_):
          return "x" * 9000

      @task
      def hungry(_):
          held = []
          try:
              while True:
                  held.append(bytearray(1_000_000))
          except MemoryError:
              held, count = None, len(held)
          raise ValueError(f"{count} MB")

      @task
      def writes(_):
          open("/data/new", "w")

      @task(allowed_files=[])
      def sees(_):
          os.listdir("/data")

      PROBES = {"busy": busy, "slow": slow, "large": large, "hungry": hungry,
                "writes": writes, "sees": sees}

      def tell(error):
          return type(error).__name__ + ": " + str(error)

      @task
      def nested(name, calls):
          told = []
          for i in range(calls):
              try:
                  PROBES[name](i)
              except BaseException as error:
                  told.append(tell(error))
          return told

      @task
      async def mapped(name, calls):
          ended = await asyncio.gather(
              *(PROBES[name].aio(i) for i in range(calls)), return_exceptions=True)
          return [tell(error) for error in ended]

      @task
      def deep(name, levels):
          return deep(name, levels - 1) if levels else nested(name, 1)
      """;

  private static @Nullable Program program;

  @BeforeAll
  static void load() {
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("capsule.toml"), CONFIG);
    Program.write(folder.resolve("data/file"), "x");
    program = Program.load(sidecar.process(), folder, TASKS);
  }

  private static Program.Run task(String name) {
    Program loaded = program;
    if (loaded == null) {
      throw new IllegalStateException("not loaded");
    }
    return loaded.task(name);
  }

  @ParameterizedTest
  @CsvSource({
    "busy, out_of_fuel, '600,000,000 units'",
    "slow, timeout, '200ms'",
    "large, invalid_result, 'limit of 8000'",
    "hungry, task_error, ' MB'",
    "writes, task_error, 'Errno'",
    "sees, task_error, 'Errno'",
  })
  void theSameLimitOnEveryPath(String task, String type, String limit) {
    List<String> limits = new ArrayList<>();
    List<String> messages = new ArrayList<>();
    for (int call = 0; call < CALLS; call++) {
      EnvelopeView envelope = task(task).args(call).envelope();
      assertThat(envelope.errorType()).as("%s", envelope).isEqualTo(type);
      limits.add(envelope.execution().get("limits").toString());
      messages.add(envelope.message());
    }
    assertThat(limits.stream().distinct()).hasSize(1);
    assertThat(messages.stream().distinct()).singleElement().asString().contains(limit);

    List<String> inner = new ArrayList<>();
    for (JsonElement told : task("nested").args(task, CALLS).value().getAsJsonArray()) {
      inner.add(told.getAsString());
    }
    for (JsonElement told : task("mapped").args(task, CALLS).value().getAsJsonArray()) {
      inner.add(told.getAsString());
    }
    inner.add(task("deep").args(task, 5).value().getAsJsonArray().get(0).getAsString());
    assertThat(inner).hasSize(2 * CALLS + 1);
    assertThat(inner.stream().distinct()).singleElement().asString().contains(messages.getFirst());
  }

  /** The ceiling of whoever starts a run holds for all that it calls. */
  @Test
  void theCallersCeilingOnEveryPath() {
    JsonObject ceiling = Json.object("{\"timeout\": \"100ms\"}");
    EnvelopeView direct = task("slow").args(0).ceiling(ceiling).envelope();
    assertThat(direct.message()).contains("100ms");
    assertThat(direct.execution().getAsJsonObject("limits").toString())
        .contains("\"timeout_ms\":100,\"lowered\":[\"timeout\",\"max_result\"]");
    JsonObject low = Json.object("{\"compute\": 500000000}");
    for (String path : new String[] {"nested", "mapped"}) {
      for (JsonElement told :
          task(path).args("busy", CALLS).ceiling(low).value().getAsJsonArray()) {
        assertThat(told.getAsString()).contains("500,000,000 units");
      }
    }
  }

  @Test
  void aGrantBeyondTheCallersCeilingIsDeniedOnEveryPath() {
    JsonObject ceiling = Json.object("{\"allowed_files\": []}");
    String said =
        "Task writes asks for allowed_files \"%s\" (capsule.toml:3), which is beyond the ceiling"
            + " (allowed_files = [], the caller)";
    EnvelopeView direct = task("writes").args(0).ceiling(ceiling).envelope();
    assertThat(direct.errorType()).isEqualTo("policy_denied");
    assertThat(direct.message())
        .matches(".*" + said.replaceAll("[\\[\\]()]", "\\\\$0").replace("%s", ".*/data:ro") + ".*");
    assertThat(direct.execution().get("limits").isJsonNull()).as("it never began").isTrue();
    // the calling task must be within the ceiling itself
    for (String path : new String[] {"nested", "mapped"}) {
      EnvelopeView outer =
          task(path)
              .args("writes", CALLS)
              .option("allowed_files", Json.array())
              .ceiling(ceiling)
              .envelope();
      for (JsonElement told : outer.value().getAsJsonArray()) {
        assertThat(told.getAsString())
            .startsWith("PolicyDenied")
            .contains("Task writes asks for allowed_files");
      }
    }
  }
}
