package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.Reply;
import dev.capsule.sidecar.harness.SidecarProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of a connection, from {@code initialize} to the end of the process. */
class LifecycleTest {
  private static final String SLEEPER =
      """
      import time
      from capsule import task

      @task
      def sleeps():
          print("asleep", flush=True)
          time.sleep(3600)

      @task
      def floods():
          while True:
              print("x" * 1000)
      """;

  private static SidecarProcess start() {
    return SidecarProcess.start(Map.of());
  }

  @Test
  void anOrderlyLife() {
    try (SidecarProcess sidecar = start()) {
      JsonObject result = sidecar.initialize();
      assertThat(result.get("protocolVersion").getAsString()).isEqualTo("0.1");
      assertThat(result.getAsJsonObject("serverInfo").get("name").getAsString())
          .isEqualTo("capsule");
      assertThat(result.getAsJsonArray("languages").toString())
          .isIn("[\"python\"]", "[\"javascript\",\"python\"]");
      assertThat(result.get("maxMessageBytes").getAsLong()).isEqualTo(64L << 20);
      sidecar.notify("initialized", null);
      assertThat(sidecar.request("shutdown", null).reply().result().isJsonNull()).isTrue();
      sidecar.notify("exit", null);
      assertThat(sidecar.awaitExit()).isZero();
      assertThat(sidecar.errors()).isEmpty();
    }
  }

  @Test
  void nothingIsDoneBeforeInitialize() {
    try (SidecarProcess sidecar = start()) {
      sidecar.notify("initialized", null);
      for (String method : new String[] {"runTask", "loadProgram", "shutdown", "nonsense"}) {
        assertThat(sidecar.request(method, new JsonObject()).reply().code()).isEqualTo(-32002);
      }
      assertThat(sidecar.initialize().has("languages")).isTrue();
      Reply again = sidecar.request("initialize", new JsonObject()).reply();
      assertThat(again.code()).isEqualTo(-32600);
      assertThat(sidecar.request("nonsense", null).reply().code()).isEqualTo(-32601);
      sidecar.assertHealthy();
    }
  }

  @Test
  void initializeWithBadParamsCanBeTriedAgain() {
    try (SidecarProcess sidecar = start()) {
      for (String params :
          new String[] {
            "{\"processId\":\"abc\"}",
            "{\"processId\":1.5}",
            "{\"processId\":-1}",
            "{\"processId\":0}",
            "{\"processId\":1e400}",
            "{\"clientInfo\":5}",
            "[1]"
          }) {
        Reply reply = sidecar.request("initialize", Json.of(params)).reply();
        assertThat(reply.code()).as(params).isEqualTo(-32602);
        assertThat(reply.errorMessage()).doesNotContain("Exception", "gson");
      }
      assertThat(
              sidecar
                  .request(
                      "initialize",
                      Json.of("{\"processId\":null,\"clientInfo\":{\"name\":\"x\"},\"more\":[]}"))
                  .reply()
                  .isError())
          .isFalse();
    }
  }

  @Test
  void afterShutdownNothingIsTaken(@TempDir Path folder) {
    try (SidecarProcess sidecar = SidecarProcess.ready()) {
      Program program = Program.load(sidecar, folder, SLEEPER);
      Pending sleeping = program.task("sleeps").start();
      sidecar.request("shutdown", null).reply();
      assertThat(sleeping.reply().code()).isEqualTo(-32800);
      assertThat(program.task("sleeps").start().reply().code()).isEqualTo(-32600);
      assertThat(sidecar.request("shutdown", null).reply().code()).isEqualTo(-32600);
      assertThat(sidecar.request("initialize", null).reply().code()).isEqualTo(-32600);
      sidecar.notify("exit", null);
      assertThat(sidecar.awaitExit()).isZero();
    }
  }

  @Test
  void exitWithoutShutdownIsAFailure() {
    try (SidecarProcess sidecar = SidecarProcess.ready()) {
      sidecar.notify("exit", null);
      assertThat(sidecar.awaitExit()).isEqualTo(1);
    }
  }

  @Test
  void theEndOfInputEndsItWhateverRuns(@TempDir Path folder) {
    try (SidecarProcess sidecar = SidecarProcess.ready()) {
      Program program = Program.load(sidecar, folder, SLEEPER);
      program.task("sleeps").named("s").start();
      Deadline.await("the task runs", () -> !sidecar.output("s", "stdout").isEmpty());
      sidecar.closeInput();
      assertThat(sidecar.awaitExit()).isZero();
    }
  }

  /** Who does not read either must not keep the sidecar from ending. */
  @Test
  void theEndOfInputEndsItAlsoWhenNobodyReads(@TempDir Path folder) {
    try (SidecarProcess sidecar = SidecarProcess.ready()) {
      Program program = Program.load(sidecar, folder, SLEEPER);
      program.task("floods").named("f").start();
      Deadline.await("the task prints", () -> !sidecar.output("f", "stdout").isEmpty());
      sidecar.pauseReading();
      sidecar.closeInput();
      assertThat(sidecar.awaitExit()).isZero();
    }
  }

  @Test
  void theEndOfInputBeforeAnythingIsAnEnd() {
    try (SidecarProcess sidecar = start()) {
      sidecar.closeInput();
      assertThat(sidecar.awaitExit()).isZero();
    }
  }

  @Test
  void theDeathOfTheClientEndsIt() throws IOException {
    Process client = new ProcessBuilder("sleep", "1000").start();
    try (SidecarProcess sidecar = start()) {
      JsonObject params = new JsonObject();
      params.addProperty("processId", client.pid());
      sidecar.request("initialize", params).reply().result();
      sidecar.assertHealthy();
      client.destroyForcibly();
      assertThat(sidecar.awaitExit()).isEqualTo(1);
    } finally {
      client.destroyForcibly();
    }
  }

  @Test
  void aBrokenFrameEndsItWithAnError() {
    try (SidecarProcess sidecar = SidecarProcess.ready()) {
      sidecar.sendRaw("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      Reply reply = sidecar.awaitStray(1);
      assertThat(reply.code()).isEqualTo(-32600);
      assertThat(reply.message().get("id").isJsonNull()).isTrue();
      assertThat(sidecar.awaitExit()).isEqualTo(1);
    }
  }

  @Test
  void aMessageThatIsCutOffEndsItWithAnError() {
    try (SidecarProcess sidecar = SidecarProcess.ready()) {
      sidecar.sendRaw("Content-Length: 100\r\n\r\n{".getBytes(StandardCharsets.US_ASCII));
      sidecar.closeInput();
      assertThat(sidecar.awaitStray(1).code()).isEqualTo(-32600);
      assertThat(sidecar.awaitExit()).isEqualTo(1);
    }
  }
}
