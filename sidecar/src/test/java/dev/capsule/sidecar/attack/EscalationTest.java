package dev.capsule.sidecar.attack;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.Reply;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Code that wants more than its declaration gives: the policy is the one that was declared. */
class EscalationTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import json, os
      from capsule import task, TaskError
      from wit_world.imports import host

      @task(ram="60MB", timeout="5s")
      def limited():
          return len(bytearray(100_000_000))

      def how_limited_ends(call=limited):
          try:
              return call()
          except TaskError as e:
              return e.type

      @task
      def mutates_options():
          limited.options.update(ram="4GiB", allowed_files=["/"])
          return how_limited_ends()

      @task
      def redeclares():
          import capsule.tasks
          del capsule.tasks.registry["limited"]
          again = task(name="limited", ram="4GiB")(limited.function)
          return how_limited_ends(again)

      @task
      def declares_another():
          again = task(name="unlimited", ram="4GiB")(limited.function)
          return how_limited_ends(again)

      @task
      def smuggles_by_arguments():
          return how_limited_ends(lambda: limited(options={"ram": "4GiB"}, policy={"ram": "4GiB"}))

      @task
      def calls_itself_by_its_own_limits(deep=False):
          limited.function.__globals__["limited"].name = "limited"
          limited._operation = lambda args, kwargs: '{"op":"call","task":"limited"}'
          return how_limited_ends()

      @task
      def smuggles_by_the_import(extra):
          operation = {"op": "call", "task": "limited", **json.loads(extra)}
          return json.loads(host.wait([host.submit(json.dumps(operation))], None))[0]["error"]["type"]
      """;

  @ParameterizedTest
  @ValueSource(strings = {"mutates_options", "redeclares", "calls_itself_by_its_own_limits"})
  void whatATaskDoesToDeclarationsChangesNoPolicy(String attack) {
    assertThat(sidecar.load(TASKS).task(attack).value().getAsString()).isEqualTo("out_of_memory");
  }

  @Test
  void aTaskThatWasNotDeclaredWhenTheProgramWasLoadedIsNone() {
    Program program = sidecar.load(TASKS);
    assertThat(program.task("declares_another").value().getAsString()).isEqualTo("task_not_found");
    assertThat(program.task("unlimited").envelope().errorType()).isEqualTo("task_not_found");
  }

  @Test
  void argumentsAreNoOptions() {
    assertThat(sidecar.load(TASKS).task("smuggles_by_arguments").value().getAsString())
        .isEqualTo("invalid_arguments");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"options\":{\"ram\":\"4GiB\"}}",
        "{\"policy\":{\"ram\":\"4GiB\"}}",
        "{\"ceiling\":{\"ram\":\"4GiB\"}}",
        "{\"ram\":\"4GiB\"}",
        "{\"compute\":1000000000000000}",
        "{\"mounts\":[\"/::/host\"]}",
        "{\"allowed_files\":[\"/::/host\"]}",
        "{\"allowed_hosts\":[\"*\"]}",
        "{\"env\":{\"SECRET\":\"1\"}}",
        "{\"tools\":[\"x\"]}",
        "{\"tasks\":[\"limited\"]}",
        "{\"depth\":0}",
        "{\"parent\":null}",
        "{\"run\":\"r\"}",
        "{\"root\":\"/\"}"
      })
  void noFieldOfAnOperationIsAGrant(String extra) {
    assertThat(sidecar.load(TASKS).task("smuggles_by_the_import").args(extra).value().getAsString())
        .isEqualTo("invalid_arguments");
  }

  /** The top level runs once without rights and once for each task: it can tell which it is. */
  @Test
  void whatTheTopLevelSaysLaterIsNotHeard() {
    Path marks = sidecar.newFolder();
    Program program =
        sidecar.load(
            """
            import os
            from capsule import task

            granted = os.path.exists("/marks")

            @task(ram="2GiB" if granted else "60MB", max_retries=100 if granted else 0)
            def two_faced():
                assert granted
                return len(bytearray(100_000_000))
            """);
    EnvelopeView envelope =
        program.task("two_faced").option("mounts", Json.array(marks + "::/marks")).envelope();
    assertThat(envelope.errorType()).isEqualTo("out_of_memory");
    assertThat(envelope.execution().getAsJsonObject("limits").get("ram").getAsLong())
        .isEqualTo(60_000_000L);
  }

  private static final String LIAR =
      """
      import os
      from capsule import task
      from capsule_guest import program

      real = program.describe

      def describe(entry):
          lie = real(entry)
          lie["tasks"][0]["options"] = OPTIONS
          return lie

      program.describe = describe

      @task
      def main():
          return os.listdir("/stolen")
      """;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"allowed_files\": [\"/::/stolen\"]}",
        "{\"allowed_files\": [\"..::/stolen\"]}",
        "{\"allowed_files\": [\"/etc::/stolen:ro\"]}",
        "{\"mounts\": [\"/::/stolen\"]}",
        "{\"ram\": \"5GiB\"}",
        "{\"timeout\": \"25h\"}",
        "{\"compute\": 10**16}",
        "{\"max_retries\": 10**6}",
        "{\"max_output\": \"2GiB\"}",
        "{\"ceiling\": {}}",
        "{\"unheard_of\": True}"
      })
  void aDescriptionThatLiesIsBoundAsADecoratorIs(String options) {
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("main.py"), LIAR.replace("OPTIONS", options));
    Reply reply = sidecar.process().request("loadProgram", Program.params(folder)).reply();
    assertThat(reply.code()).isEqualTo(-32602);
    assertThat(reply.data().get("where").getAsString()).startsWith("main.py:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "None",
        "[]",
        "{}",
        "{'tasks': None, 'entry': None}",
        "{'tasks': [None], 'entry': None}",
        "{'tasks': [{'name': 1}], 'entry': None}",
        "{'tasks': [{'name': 'x'}], 'entry': 'x'}",
        "{'tasks': {}, 'entry': {}}",
        "{'tasks': [{'name': 'x', 'function': 'x', 'file': 'x', 'line': '1e999999999',"
            + " 'signature': '', 'options': {}}], 'entry': 'x'}",
        "{'tasks': [{'name': 'x', 'function': 'x', 'file': 'x', 'line': 1, 'signature': '',"
            + " 'options': []}], 'entry': 'x'}",
        "{'tasks': [{}] * 100_000, 'entry': None}",
        "'x' * 40_000_000"
      })
  void aDescriptionOfAnotherShapeIsASourceError(String description) {
    Path folder = sidecar.newFolder();
    Program.write(
        folder.resolve("main.py"),
        "from capsule_guest import program\nprogram.describe = lambda entry: "
            + description
            + "\n");
    Reply reply = sidecar.process().request("loadProgram", Program.params(folder)).reply();
    assertThat(reply.code()).isEqualTo(-32010);
    sidecar.assertAnswers();
  }

  /** The top level asks the host itself, while nothing but modules is granted. */
  @Test
  void theTopLevelMayCallNothing() {
    Path folder = sidecar.newFolder();
    Program.write(
        folder.resolve("main.py"),
        """
        import json
        from wit_world.imports import host
        operations = [
            {"op": "call", "task": "main"},
            {"op": "tool", "tool": "x"},
            {"op": "http", "method": "GET", "url": "http://127.0.0.1:1/"},
            {"op": "http_send", "stream": 1, "body": ""},
            {"op": "http_read", "stream": 1},
            {"op": "http_close", "stream": 1},
        ]
        ids = [host.submit(json.dumps(o)) for o in operations]
        types = []
        for id in ids:
            types.append(json.loads(host.wait([id], None))[0]["error"]["type"])
        raise SystemExit(" ".join(types))
        """);
    JsonObject data =
        sidecar.process().request("loadProgram", Program.params(folder)).reply().data();
    assertThat(data.get("message").getAsString()).contains("policy_denied ".repeat(6).strip());
  }
}
