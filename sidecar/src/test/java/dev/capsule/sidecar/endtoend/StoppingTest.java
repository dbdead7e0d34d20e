package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.RawServer;
import dev.capsule.sidecar.harness.SidecarProcess;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever ends an attempt ends all that it started, at any depth: nested tasks, HTTP requests,
 * tools; and their memory is free again. Seen from outside: a server whose connection is closed, a
 * client whose tool is taken back, the process's memory.
 */
class StoppingTest {
  private static final long MIB = 1L << 20;
  private static final String TASKS =
      """
      import json, sys, time
      from capsule import task
      from wit_world.imports import host

      def submit(op, **fields):
          return host.submit(json.dumps({"op": op, **fields}))

      @task(tools=["search"], allowed_hosts=["127.0.0.1:PORT"], ram="300MB", timeout="1h")
      def leaf():
          block = bytearray(b"x") * 200_000_000
          submit("tool", tool="search", args=["leaf"], kwargs={})
          submit("http", method="GET", url="http://127.0.0.1:PORT/", headers=[], complete=True)
          host.wait([], None)
          return len(block)

      @task(timeout="1h")
      def middle():
          return leaf()

      @task(compute="HIGH", ram="300MB", timeout="1h")
      def spins():
          block = bytearray(b"x") * 200_000_000
          print("on", flush=True)
          while True:
              pass

      @task(tools=["go"], compute="HIGH")
      def root(how):
          submit("call", task="middle", args=[], kwargs={})
          host.wait([submit("tool", tool="go", args=[], kwargs={})], None)
          if how == "fails":
              raise ValueError("as told")
          if how == "exits":
              sys.exit(3)
          if how == "returns":
              return "left them behind"
          if how == "exhausts":
              while True:
                  pass
          host.wait([], None)
      """;

  @TempDir Path folder;
  private SidecarProcess sidecar;
  private RawServer server;
  private Program program;
  private long before;

  @BeforeEach
  void start() {
    sidecar = SidecarProcess.ready();
    server =
        RawServer.start((socket, self) -> {
          while (self.readHead(socket) != null) {
            // never answered: the connection stays open until the other side closes it
          }
        });
    program = Program.load(sidecar, folder, TASKS.replace("PORT", Integer.toString(server.port())));
    before = sidecar.residentBytes();
  }

  @AfterEach
  void end() {
    server.close();
    sidecar.close();
  }

  /** Starts a root whose leaf holds memory, a connection and a tool. */
  private Pending begin(String how) {
    Program.Run run = program.task("root").args(how).tools("search", "go");
    if (how.equals("times out")) {
      run = run.option("timeout", "8s");
    }
    if (how.equals("exhausts")) {
      run = run.option("compute", 1_000_000_000);
    }
    Pending root = run.start();
    Deadline.await("the leaf holds a connection", () -> server.open() == 1);
    Deadline.await("the leaf has called its tool", () -> sent("leaf") == 1);
    Deadline.await("the root waits for its word", () -> sent("\"go\"") == 1);
    assertThat(sidecar.residentBytes() - before).isGreaterThan(180 * MIB);
    return root;
  }

  private long sent(String text) {
    return sidecar.toolCalls().stream().filter(call -> call.toString().contains(text)).count();
  }

  private JsonObject call(String text) {
    return sidecar.toolCalls().stream()
        .filter(call -> call.toString().contains(text))
        .findFirst()
        .orElseThrow();
  }

  private void awaitThatNothingIsLeft() {
    Deadline.await("the connection is closed", () -> server.open() == 0);
    JsonElement tool = call("leaf").get("id");
    Deadline.await("the tool is taken back", () -> sidecar.cancelledToolCalls().contains(tool));
    Deadline.await("its memory is free", () -> sidecar.residentBytes() - before < 100 * MIB);
    sidecar.assertHealthy();
  }

  @Test
  void aCancelledRunLeavesNothing() {
    Pending root = begin("waits");
    root.cancel();
    assertThat(root.reply().code()).isEqualTo(-32800);
    awaitThatNothingIsLeft();
  }

  @ParameterizedTest
  @CsvSource({
    "times out, timeout",
    "fails, task_error",
    "exits, exit",
    "exhausts, out_of_fuel",
  })
  void aFailedAttemptLeavesNothing(String how, String type) {
    Pending root = begin(how);
    sidecar.answer(call("\"go\""), Json.of("1"));
    assertThat(root.envelope().errorType()).isEqualTo(type);
    awaitThatNothingIsLeft();
  }

  /** Its end is told in any case; that its memory is free shows that it does not spin on. */
  @Test
  void aTaskThatSpinsIsStoppedAndNotJustGivenUp() {
    Pending run = program.task("spins").named("spins").start();
    Deadline.await("it spins", () -> !sidecar.output("spins", "stdout").isEmpty());
    assertThat(sidecar.residentBytes() - before).isGreaterThan(180 * MIB);
    run.cancel();
    assertThat(run.reply().code()).isEqualTo(-32800);
    Deadline.await("its memory is free", () -> sidecar.residentBytes() - before < 100 * MIB);
  }

  @Test
  void aTaskThatReturnsLeavesNothingRunning() {
    Pending root = begin("returns");
    sidecar.answer(call("\"go\""), Json.of("1"));
    assertThat(root.envelope().value().getAsString()).isEqualTo("left them behind");
    awaitThatNothingIsLeft();
  }

  @Test
  void aClientThatLeavesTakesAllWithIt() {
    begin("waits");
    List<ProcessHandle> children = sidecar.handle().descendants().toList();
    sidecar.closeInput();
    assertThat(sidecar.awaitExit()).isZero();
    Deadline.await("the connection is closed", () -> server.open() == 0);
    assertThat(children).noneMatch(ProcessHandle::isAlive);
  }
}
