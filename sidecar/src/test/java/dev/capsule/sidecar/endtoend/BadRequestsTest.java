package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.Reply;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that cannot be carried out: each gets an error of the right code, and others go on. */
class BadRequestsTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import time
      from capsule import task

      @task
      def echo(value=None):
          return value

      @task
      def sleeps(seconds=3600):
          time.sleep(seconds)
          return "slept"
      """;

  private static Reply run(String field, String value) {
    JsonObject params = sidecar.load(TASKS).task("echo").params();
    params.add(field, Json.of(value));
    return sidecar.process().request("runTask", params).reply();
  }

  @ParameterizedTest
  @CsvSource({
    "program, 5, -32011",
    "program, null, -32602",
    "program, '\"nonsense\"', -32011",
    "program, '[]', -32602",
    "args, 5, -32602",
    "args, '{}', -32602",
    "args, '\"x\"', -32602",
    "kwargs, '[]', -32602",
    "kwargs, true, -32602",
    "options, 5, -32602",
    "options, '[]', -32602",
    "options, '\"x\"', -32602",
    "run, '\"\"', -32602",
    "run, '\"a b\"', -32602",
    "run, '\"../x\"', -32602",
    "run, '[]', -32602",
    "events, '\"output\"', -32602",
    "events, '[\"outputs\"]', -32602",
    "events, '[null]', -32602",
    "events, '[[]]', -32602",
    "task, '[]', -32602",
  })
  void aFieldOfTheWrongKind(String field, String value, int code) {
    Reply reply = run(field, value);
    assertThat(reply.code()).as("%s", reply).isEqualTo(code);
    assertThat(reply.errorMessage()).isNotBlank().doesNotContain("Exception", "gson", "java.");
  }

  @ParameterizedTest
  @CsvSource({
    "args, null",
    "kwargs, null",
    "options, null",
    "run, null",
    "events, null",
    "options, '{}'",
    "events, '[]'",
    "nonsense, 1"
  })
  void whatIsNullIsNotSaid(String field, String value) {
    assertThat(run(field, value).envelope().value().isJsonNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "ram, '\"abc\"', 40MB",
    "timeout, '\"-1\"', 1h30m",
    "compute, '\"HUGE\"', LOW",
    "max_retries, -1, 0 to 100",
    "max_retries, 1E99999999999, 0 to 100",
    "max_output, true, MB",
    "max_result, 0, MB",
    "allowed_files, '[\"..\"]', folder",
    "mounts, '[\"/nowhere/at/all\"]', folder",
    "rma, 1, did you mean",
    "allowed_hosts, '\"example.com\"', list of hosts",
    "allowed_hosts, '[\"ftp://example.com\"]', http or https",
    "env_variables, '[\"A=1\"]', environment variable",
    "tasks, '[\"ecko\"]', did you mean \"echo\"",
    "retry_on, '[\"timeot\"]', did you mean \"timeout\"",
  })
  void anOptionThatCannotBeNamesFieldValueAndWhatIsAllowed(
      String option, String value, String allowed) {
    Reply reply = run("options", "{\"" + option + "\":" + value + "}");
    assertThat(reply.code()).isEqualTo(-32602);
    JsonObject data = reply.data();
    assertThat(data.get("field").getAsString()).startsWith(option);
    assertThat(value).contains(data.get("value").toString());
    assertThat(data.get("allowed").getAsString()).contains(allowed);
    assertThat(data.get("where").isJsonNull()).isTrue();
    assertThat(reply.errorMessage()).contains(option).contains(allowed);
  }

  @Test
  void anUnknownProgramIsNamed() {
    Reply reply = run("program", "\"0123\"");
    assertThat(reply.data().get("program").getAsString()).isEqualTo("0123");
  }

  @Test
  void aTaskThatDoesNotExistIsAResultWithTheNearest() {
    Program program = sidecar.load(TASKS);
    var missing = program.task("ecko").envelope();
    assertThat(missing.errorType()).isEqualTo("task_not_found");
    assertThat(missing.message()).contains("\"ecko\"").contains("did you mean \"echo\"?");
    assertThat(program.task("x".repeat(100_000)).envelope().message()).hasSizeLessThan(300);
    JsonObject params = program.task("echo").params();
    params.remove("task");
    var none = sidecar.process().request("runTask", params).envelope();
    assertThat(none.errorType()).isEqualTo("task_not_found");
    assertThat(none.message()).contains("echo, sleeps");
  }

  @Test
  void anIdInUseIsRefusedAndTheFirstGoesOn() {
    Program program = sidecar.load(TASKS);
    Pending first = program.task("sleeps").args(0.3).start();
    int strays = sidecar.process().strays().size();
    sidecar.process().requestAgain(first, "runTask", program.task("echo").params());
    Reply second = sidecar.process().awaitStray(strays + 1);
    assertThat(second.code()).isEqualTo(-32600);
    assertThat(second.message().get("id")).isEqualTo(first.id());
    assertThat(first.envelope().value().getAsString()).isEqualTo("slept");
    assertThat(program.task("echo").args(1).start(first.id()).envelope().value().getAsInt())
        .as("the id is free again")
        .isEqualTo(1);
  }

  @Test
  void oneAndItsTextAreDifferentIds() {
    Program program = sidecar.load(TASKS);
    Pending number = program.task("sleeps").args(0.1).start(new JsonPrimitive(987_654));
    Pending text = program.task("echo").args("t").start(new JsonPrimitive("987654"));
    assertThat(text.envelope().value().getAsString()).isEqualTo("t");
    assertThat(number.envelope().value().getAsString()).isEqualTo("slept");
    Pending odd = program.task("echo").start(new JsonPrimitive("\ud83d\ude00 \u0000\"\\"));
    assertThat(odd.reply().isError()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "'{', -32700",
    "'', -32700",
    "'[]', -32600",
    "'[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"shutdown\"}]', -32600",
    "'{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"shutdown\"}', -32600",
    "'{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"shutdown\"}', -32600",
    "'null', -32600",
  })
  void whatIsNoMessageIsAnsweredWithoutAnId(String message, int code) {
    int strays = sidecar.process().strays().size();
    sidecar.process().sendBody(message.getBytes(StandardCharsets.UTF_8));
    Reply reply = sidecar.process().awaitStray(strays + 1);
    assertThat(reply.code()).isEqualTo(code);
    assertThat(reply.message().get("id").isJsonNull()).isTrue();
  }

  @Test
  void aGigabyteIsSkippedAndTheNextMessageRead() {
    int strays = sidecar.process().strays().size();
    long length = 1L << 30;
    long before = sidecar.process().residentBytes();
    sidecar
        .process()
        .sendRaw(("Content-Length: " + length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    byte[] zeros = new byte[1 << 22];
    for (long sent = 0; sent < length; sent += zeros.length) {
      sidecar.process().sendRaw(zeros);
    }
    assertThat(sidecar.process().awaitStray(strays + 1).code()).isEqualTo(-32600);
    sidecar.assertAnswers();
    assertThat(sidecar.process().residentBytes() - before).isLessThan(200L << 20);
  }

  /** Damaged messages are answered or ignored; none takes the sidecar with it. */
  @Test
  void damagedMessagesDoNoHarm() {
    Program program = sidecar.load(TASKS);
    Random random = new Random(42);
    JsonObject message = new JsonObject();
    message.addProperty("jsonrpc", "2.0");
    message.addProperty("id", "damaged");
    message.addProperty("method", "runTask");
    message.add("params", program.task("echo").args("x").option("timeout", "5s").params());
    byte[] bytes = message.toString().getBytes(StandardCharsets.UTF_8);
    for (int round = 0; round < 500; round++) {
      byte[] damaged = bytes.clone();
      for (int i = random.nextInt(3); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] = bytes[random.nextInt(bytes.length)];
      }
      sidecar.process().sendBody(damaged);
    }
    sidecar.assertAnswers();
    assertThat(sidecar.process().strays())
        .noneMatch(reply -> reply.isError() && reply.code() == -32603);
  }

  @Test
  void aWrongArgumentIsTheTasksError() {
    var envelope = sidecar.load(TASKS).task("echo").args(1, 2, 3).envelope();
    assertThat(envelope.errorType()).isEqualTo("invalid_arguments");
    assertThat(envelope.message()).contains("echo()");
  }

  @Test
  void answersAreSentInUtf8WithNothingLost() {
    JsonElement value =
        sidecar
            .load(TASKS)
            .task("echo")
            .args("\u0000 é € 😀 \u2028 </script> \\ \" \u007f")
            .value();
    assertThat(value.getAsString()).isEqualTo("\u0000 é € 😀 \u2028 </script> \\ \" \u007f");
  }
}
