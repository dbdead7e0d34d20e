package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SidecarProcess;
import dev.capsule.sidecar.harness.WorkflowClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing is answered that a crash could still take back: what is told is committed. */
class CommitsTest {
  private static final String TASKS =
      """
      from capsule import task

      @task
      def add(a, b):
          return a + b
      """;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "beginStep",
        "endStep",
        "recordStep",
        "runTask",
        "closeWorkflow",
        "runCell",
        "putFile",
        "resetSession"
      })
  void noAnswerComesBeforeItsCommit(String method) throws Exception {
    Path root = folder.toRealPath().resolve("project");
    Files.createDirectories(root.resolve(".capsule"));
    Map<String, String> environment = Map.of("XDG_DATA_HOME", folder.resolve("data").toString());
    try (SidecarProcess sidecar = SidecarProcess.start(environment)) {
      JsonObject _ = sidecar.initialize();
      Program program = Program.load(sidecar, root, TASKS);
      assertThat(program.task("add").args(1, 2).start().envelope().success()).isTrue();
      WorkflowClient.Open open = new WorkflowClient(sidecar, root).open("w");
      JsonObject params =
          method.equals("runCell") || method.equals("putFile") || method.equals("resetSession")
              ? ofSession(sidecar, root)
              : params(method, open, program);

      Pending asked;
      try (Connection other =
              DriverManager.getConnection("jdbc:sqlite:" + root.resolve(".capsule/journal.db"));
          Statement statement = other.createStatement()) {
        boolean _ = statement.execute("BEGIN IMMEDIATE"); // now nobody else can commit
        asked = sidecar.request(method, params);
        for (int i = 0; i < 5; i++) { // later, and with far more to do
          assertThat(program.task("add").args(i, 2).start().envelope().success()).isTrue();
        }
        assertThat(asked.isAnswered()).as("%s was answered before its commit", method).isFalse();
        boolean _ = statement.execute("ROLLBACK");
      }
      assertThat(asked.reply().isError()).isFalse();
      sidecar.assertHealthy();
    }
  }

  private static JsonObject ofSession(SidecarProcess sidecar, Path root) {
    JsonObject opening = Json.object("{\"language\": \"python\", \"id\": \"s\"}");
    opening.addProperty("root", root.toString());
    JsonObject opened = sidecar.request("openSession", opening).reply().result().getAsJsonObject();
    JsonObject params = Json.object("{\"code\": \"1\", \"path\": \"a\", \"content\": \"AA==\"}");
    params.add("session_id", opened.get("session_id"));
    assertThat(sidecar.request("runCell", params).reply().isError()).isFalse();
    return params;
  }

  private static JsonObject params(String method, WorkflowClient.Open open, Program program) {
    JsonObject params =
        method.equals("runTask") ? program.task("add").args(1, 2).params() : new JsonObject();
    params.addProperty("workflow", open.handle());
    switch (method) {
      case "beginStep" -> {
        params.addProperty("name", "own");
        params.add("args", Json.of("[]"));
      }
      case "endStep" -> {
        JsonElement step = open.begin("own", Json.of("[]")).get("step");
        params.add("step", step);
        params.addProperty("success", true);
        params.add("result", new JsonPrimitive(1));
      }
      case "recordStep" -> {
        params.addProperty("name", "now");
        params.add("result", new JsonPrimitive(1));
      }
      case "closeWorkflow" -> {
        params.addProperty("outcome", "finished");
        params.add("result", new JsonPrimitive(1));
      }
      default -> {
        // a task's call has all it needs
      }
    }
    return params;
  }
}
