package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tasks that pass the library by and call the imports of the sandbox themselves, with whatever they
 * like. They get what was granted, or an error, and nobody else notices.
 */
class HostileCallsTest {
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
      def submits_each(operations):
          return [outcome(host.wait([host.submit(o)], None))[0] for o in operations]

      @task
      def waits(ids, timeout):
          return outcome(host.wait(ids, timeout))

      @task
      def waits_for_many(count):
          return len(json.loads(host.wait(list(range(1, count + 1)), 0)))

      @task
      def duplicates():
          id = host.submit('{"op":"module","name":"nothing"}')
          return [json.loads(host.wait([id] * 1000, None)), json.loads(host.wait([id], None))]

      @task(ram="50MB", timeout="2s")
      def limited():
          return len(bytearray(100_000_000))

      @task(timeout="300ms")
      def waits_for_ever(ids, timeout):
          host.wait(ids, timeout)
      """;

  private static JsonObject submit(String operation) {
    JsonArray outcome =
        sidecar.load(TASKS).task("submits").args(operation).value().getAsJsonArray();
    assertThat(outcome).hasSize(1);
    return outcome.get(0).getAsJsonObject();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{}",
        "\"call\"",
        "{\"op\":\"http\",\"url\":\"http://localhost\"}",
        "{\"op\":\"tool\",\"name\":\"x\"}",
        "{\"op\":\"exec\",\"task\":\"limited\"}",
        "{\"op\":null}",
        "{\"op\":[\"call\"],\"task\":\"limited\"}",
        "{\"op\":\"call\",\"task\":\"limited\",\"policy\":{\"ram\":\"4GiB\"}}",
        "{\"op\":\"call\",\"task\":\"limited\",\"options\":{\"ram\":\"4GiB\"}}",
        "{\"op\":\"call\",\"task\":\"limited\",\"ram\":\"4GiB\"}",
        "{\"op\":\"call\",\"task\":\"limited\",\"mounts\":[\"/etc\"]}",
        "{\"op\":\"call\",\"task\":\"limited\",\"program\":\"x\"}",
        "{\"op\":\"call\",\"task\":7}",
        "{\"op\":\"call\",\"task\":\"limited\",\"args\":\"x\"}",
        "{\"op\":\"module\",\"name\":{}}",
        "{\"op\":\"cancel\",\"id\":-1.5}",
        "{\"op\":\"cancel\",\"id\":\"1\"}",
        "{\"op\":\"call\",\"task\":\"limited\"} x"
      })
  void aForgedOperationIsAnError(String operation) {
    assertThat(submit(operation).get("type").getAsString()).isEqualTo("invalid_arguments");
  }

  @Test
  void aCalledTaskHasItsOwnLimitsWhateverTheCallerHas() {
    JsonObject error = submit("{\"op\":\"call\",\"task\":\"limited\"}");
    assertThat(error.get("type").getAsString()).isEqualTo("out_of_memory");
    EnvelopeView generous =
        sidecar
            .load(TASKS)
            .task("submits")
            .args("{\"op\":\"call\",\"task\":\"limited\"}")
            .option("ram", "1GiB")
            .envelope();
    assertThat(generous.value().toString()).contains("out_of_memory");
  }

  @Test
  void tasksThatDoNotExistAreNotFound() {
    for (String name : new String[] {"", "nothing", "capsule", "../main", "\u0000", "submit"}) {
      JsonObject operation = Json.object("{\"op\":\"call\"}");
      operation.addProperty("task", name);
      assertThat(submit(operation.toString()).get("type").getAsString())
          .isEqualTo("task_not_found");
    }
    assertThat(
            submit("{\"op\":\"call\",\"task\":\"" + "x".repeat(5_000_000) + "\"}")
                .get("message")
                .getAsString())
        .hasSizeLessThan(500);
  }

  @Test
  void modulesThatAreNotTheProgramsAreNotThere() {
    Path parent = sidecar.newFolder();
    Path root = parent.resolve("root");
    Program.write(parent.resolve("secret.py"), "SECRET = 'leaked'\n");
    Program.write(root.resolve("data.txt"), "leaked");
    Program.write(root.resolve(".hidden.py"), "SECRET = 'leaked'\n");
    Program.write(root.resolve("own.py"), "MINE = 1\n");
    Program program = Program.load(sidecar.process(), root, TASKS);
    JsonArray operations = new JsonArray();
    for (String name :
        new String[] {
          "../secret",
          "..secret",
          "...secret",
          ".secret",
          "/etc/passwd",
          "a/../../secret",
          "a/../own",
          "./own",
          "own.py",
          "own/",
          "os",
          "sys",
          "data.txt",
          "data",
          ".hidden",
          "",
          ".",
          "..",
          "own\u0000",
          "own ",
          " own",
          "own\n",
          "C:\\own",
          "~",
          "$HOME",
          "%2e%2e",
          "\ud83d\ude00",
          "a".repeat(513),
          "a.".repeat(200) + "a",
          "x".repeat(1_000_000)
        }) {
      JsonObject operation = Json.object("{\"op\":\"module\"}");
      operation.addProperty("name", name);
      operations.add(operation.toString());
    }
    JsonArray outcome = program.task("submits_each").args(operations).value().getAsJsonArray();
    for (int i = 0; i < outcome.size(); i++) {
      JsonObject each = outcome.get(i).getAsJsonObject();
      assertThat(each.has("ok") && each.get("ok").isJsonNull())
          .as("%s: %s", operations.get(i), each)
          .isTrue();
    }
    JsonElement own = program.task("submits").args("{\"op\":\"module\",\"name\":\"own\"}").value();
    assertThat(own.toString()).contains("\"file\":\"own.py\"").contains("MINE");
  }

  @Test
  void idsThatAreNotTheTasksOwnAreErrors() {
    Program program = sidecar.load(TASKS);
    JsonElement outcome =
        program
            .task("waits")
            .args(Json.of("[0, 1, 2, 77, 9223372036854775808, 18446744073709551615]"), 0)
            .value();
    assertThat(outcome.getAsJsonArray())
        .hasSize(6)
        .allMatch(
            each -> each.getAsJsonObject().get("type").getAsString().equals("invalid_arguments"));
    assertThat(program.task("waits_for_many").args(100_000).value().getAsInt()).isEqualTo(100_000);
    assertThat(program.task("duplicates").value().toString())
        .startsWith("[[{\"id\":1,\"ok\":null}],")
        .contains("no open operation");
    EnvelopeView tooMany = program.task("waits_for_many").args(1_000_000).envelope();
    assertThat(tooMany.errorType()).isEqualTo("task_error");
    assertThat(tooMany.message()).contains("100000 ids");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "18446744073709551615", "9223372036854775807", "3600000"})
  void noTimeoutOutlastsTheTasksOwn(String timeout) {
    EnvelopeView envelope =
        sidecar.load(TASKS).task("waits_for_ever").args(Json.of("[]"), Json.of(timeout)).envelope();
    assertThat(envelope.errorType()).isEqualTo("timeout");
  }

  @Test
  void aWaitOfNoTimeEndsAtOnce() {
    assertThat(sidecar.load(TASKS).task("waits").args(Json.of("[]"), 0).value().toString())
        .isEqualTo("[]");
  }

  @Test
  void theProgramsFolderIsNotTheTasks() {
    Path root = sidecar.newFolder();
    Program.write(root.resolve("data/file"), "x");
    Program program =
        Program.load(
            sidecar.process(),
            root,
            """
            import os
            from capsule import task

            @task
            def looks():
                found = []
                for path in ("/", "/data", "data", "main.py", "/main.py", "."):
                    try:
                        found.append(os.listdir(path))
                    except OSError:
                        pass
                return found
            """);
    assertThat(program.task("looks").value().toString()).isEqualTo("[]");
    assertThat(Files.exists(root.resolve("data/file"))).isTrue();
  }
}
