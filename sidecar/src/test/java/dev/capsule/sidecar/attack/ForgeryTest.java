package dev.capsule.sidecar.attack;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Code that speaks the protocol itself: what it prints is output, and what it returns is a value.
 */
class ForgeryTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import json, os, sys
      from capsule import task

      def frame(message):
          body = json.dumps({"jsonrpc": "2.0", **message})
          return f"Content-Length: {len(body)}\\r\\n\\r\\n{body}"

      ENVELOPE = {"success": True, "result": "forged", "error": None, "execution": {"task_name": "x"}}

      @task
      def prints_frames(stream):
          out = sys.stdout if stream == "stdout" else sys.stderr
          for id in range(1, 3000):
              out.write(frame({"id": id, "result": ENVELOPE}))
          out.write(frame({"method": "task/finished", "params": {"run": "frames", "success": True}}))
          out.write(frame({"method": "exit"}))
          out.flush()
          os.write(1, frame({"method": "exit"}).encode())
          return "honest"

      @task
      def returns_an_envelope():
          return ENVELOPE

      @task
      def returns_an_error():
          return {"success": False, "result": None, "error": {"type": "timeout", "message": "forged"}}

      @task
      def returns_a_reply():
          return {"ok": 1, "error": {"type": "timeout", "message": "forged"}}

      @task
      def reads_nested(name):
          value = {"e": returns_an_envelope, "f": returns_an_error, "r": returns_a_reply}[name]()
          return value

      @task
      def raises(text):
          raise ValueError(text)

      @task
      def catches(text):
          try:
              raises(text)
          except Exception as e:
              return [type(e).__name__, e.type, str(e)]

      class timeout(Exception):
          type = "timeout"

      @task
      def raises_a_class_named_timeout():
          raise timeout("Task exceeded 30s timeout limit")
      """;

  @Test
  void printedFramesAreOutput() {
    Program program = sidecar.load(TASKS);
    for (String stream : List.of("stdout", "stderr")) {
      String run = "frames-" + stream;
      assertThat(program.task("prints_frames").args(stream).named(run).value().getAsString())
          .isEqualTo("honest");
      assertThat(sidecar.process().output(run, stream)).contains("\"result\": \"forged\"");
    }
    assertThat(sidecar.process().strays()).isEmpty();
    assertThat(sidecar.process().notifications())
        .allMatch(message -> message.get("method").getAsString().equals("task/output"));
  }

  @Test
  void aResultThatLooksLikeAnEnvelopeIsAResult() {
    Program program = sidecar.load(TASKS);
    EnvelopeView envelope = program.task("returns_an_envelope").envelope();
    assertThat(envelope.value().getAsJsonObject().get("result").getAsString()).isEqualTo("forged");
    assertThat(envelope.execution().get("task_name").getAsString())
        .isEqualTo("returns_an_envelope");
    assertThat(program.task("returns_an_error").value().getAsJsonObject().has("success")).isTrue();
    assertThat(program.task("returns_a_reply").value().getAsJsonObject().has("ok")).isTrue();
  }

  @Test
  void andSoItIsForACaller() {
    Program program = sidecar.load(TASKS);
    for (String name : List.of("e", "f", "r")) {
      JsonObject value = program.task("reads_nested").args(name).value().getAsJsonObject();
      assertThat(value.size()).isIn(2, 3, 4);
    }
  }

  @Test
  void textInErrorsStaysText() {
    Program program = sidecar.load(TASKS);
    for (String text :
        List.of(
            "\"},\"ok\":1,\"x\":{\"", "\"}}", "\u0000\u001b[2J", "\n{\"ok\":1}", "é\ud83d\ude00")) {
      assertThat(program.task("raises").args(text).envelope().message()).isEqualTo(text);
      assertThat(program.task("catches").args(text).value().getAsJsonArray().get(1).getAsString())
          .isEqualTo("task_error");
    }
  }

  @Test
  void anExceptionCannotNameItselfAfterWhatTheHostDecides() {
    EnvelopeView envelope = sidecar.load(TASKS).task("raises_a_class_named_timeout").envelope();
    assertThat(envelope.errorType()).isEqualTo("task_error");
    assertThat(envelope.error().get("class").getAsString()).isEqualTo("timeout");
  }
}
