package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.Reply;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a capsule.toml does to the programs beside and below it. */
class ConfigurationTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import os
      from capsule import task

      SECONDS = 7 * 2

      @task(timeout=SECONDS, allowed_files=[os.path.join("da" + "ta")])
      def main():
          return sorted(os.listdir("/data"))

      @task
      def other():
          return 1
      """;

  private static Program load(Path folder) {
    return Program.load(sidecar.process(), folder, TASKS);
  }

  private static JsonObject limits(Program program, String task) {
    return limits(program.task(task).envelope());
  }

  private static JsonObject limits(EnvelopeView envelope) {
    return envelope.execution().getAsJsonObject("limits");
  }

  private static Path project(String toml) {
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("capsule.toml"), toml);
    Program.write(folder.resolve("data/file"), "x");
    return folder;
  }

  @Test
  void theCallerBeforeTheDeclarationBeforeTheTasksPartBeforeTheDefaults() {
    Program program =
        load(
            project(
                """
                [tasks]
                default_ram = "60MB"
                default_timeout = "1m"

                [tasks.main]
                ram = "70MB"
                timeout = "2m"
                """));
    assertThat(limits(program, "other").toString())
        .isEqualTo("{\"fuel\":50000000000,\"ram\":60000000,\"timeout_ms\":60000,\"lowered\":[]}");
    assertThat(limits(program, "main").toString())
        .isEqualTo("{\"fuel\":50000000000,\"ram\":70000000,\"timeout_ms\":14000,\"lowered\":[]}");
    assertThat(limits(program.task("main").option("timeout", "20s").envelope()).toString())
        .contains("\"ram\":70000000,\"timeout_ms\":20000");
  }

  @Test
  void aChangedConfigurationIsNoticed() throws IOException {
    Path folder = project("[tasks]\ndefault_ram = \"60MB\"\n");
    Program before = load(folder);
    assertThat(load(folder).id()).isEqualTo(before.id());
    Program.write(folder.resolve("capsule.toml"), "[tasks]\ndefault_ram = \"70MB\"\n");
    Program after = load(folder);
    assertThat(after.id()).isNotEqualTo(before.id());
    assertThat(limits(after, "other").get("ram").getAsLong()).isEqualTo(70_000_000);
    assertThat(limits(before, "other").get("ram").getAsLong())
        .as("what was loaded stays as it was")
        .isEqualTo(60_000_000);
    Files.delete(folder.resolve("capsule.toml"));
    assertThat(limits(load(folder), "other").get("ram").getAsLong()).isEqualTo(256_000_000);
  }

  @Test
  void programsBelowItSeeItsFolders() throws IOException {
    Path folder = project("");
    Path below = Files.createDirectories(folder.resolve("src/app"));
    assertThat(load(below).task("main").value().toString()).isEqualTo("[\"file\"]");
    JsonObject params = Program.params(below);
    params.addProperty("config", "");
    Reply without = sidecar.process().request("loadProgram", params).reply();
    assertThat(without.data().get("field").getAsString()).isEqualTo("allowed_files[0]");
    assertThat(without.data().get("where").getAsString()).isEqualTo("main.py:6");
  }

  @Test
  void aMistakeIsToldWithItsPlace() {
    Path folder = project("[tasks]\ndefault_rma = \"1GB\"\n");
    Program.write(folder.resolve("main.py"), TASKS);
    for (String method : new String[] {"loadProgram", "describeConfig"}) {
      Reply reply = sidecar.process().request(method, Program.params(folder)).reply();
      assertThat(reply.code()).isEqualTo(-32602);
      assertThat(reply.data().get("where").getAsString()).isEqualTo("capsule.toml:2:1");
      assertThat(reply.data().get("field").getAsString()).isEqualTo("tasks.default_rma");
      assertThat(reply.errorMessage())
          .startsWith("capsule.toml:2:1: tasks.default_rma=\"1GB\": ")
          .endsWith("did you mean \"default_ram\"?");
    }
  }

  @Test
  void tasksThatAreNotThere() {
    Path folder = project("[workflow]\nentrypoint = \"main.py\"\n[tasks.mian]\nram = \"60MB\"\n");
    Program.write(folder.resolve("main.py"), TASKS);
    Reply reply = sidecar.process().request("loadProgram", Program.params(folder)).reply();
    assertThat(reply.errorMessage())
        .isEqualTo(
            "capsule.toml:3:1: tasks.mian: the entrypoint has no task of this name; did you mean"
                + " \"main\"?");
    Program.write(
        folder.resolve("main.py"),
        "from capsule import task\n@task(tasks=[\"b\"])\ndef mian(): pass\n");
    Reply callee = sidecar.process().request("loadProgram", Program.params(folder)).reply();
    assertThat(callee.errorMessage())
        .isEqualTo("main.py:2: tasks[0]=\"b\": is not a task of the program; there are: mian");
  }

  @Test
  void theCallersCeilingIsRead() {
    Program program = load(project(""));
    Reply unknown = program.task("other").ceiling(Json.object("{\"rma\":1}")).start().reply();
    assertThat(unknown.errorMessage())
        .isEqualTo("ceiling.rma=1: is not part of a ceiling; did you mean \"ram\"?");
    assertThat(unknown.data().get("where").isJsonNull()).isTrue();
    JsonObject params = program.task("other").params();
    params.add("ceiling", Json.array());
    assertThat(sidecar.process().request("runTask", params).reply().errorMessage())
        .isEqualTo("ceiling=[]: must be an object");
  }

  @Test
  void describeConfigTellsEverySettingAndItsOrigin() {
    Path folder =
        project(
            """
            dependencies = []

            [workflow]
            name = "research"
            version = "1.0"
            entrypoint = "main.py"

            [tasks]
            default_ram = 60000000

            [ceiling]
            timeout = "10s"
            network = false
            """);
    Program.write(folder.resolve("main.py"), TASKS);
    JsonObject params = new JsonObject();
    params.addProperty("root", folder.toString());
    JsonObject alone =
        sidecar.process().request("describeConfig", params).reply().result().getAsJsonObject();
    assertThat(alone.get("config").getAsString()).endsWith("/capsule.toml");
    assertThat(alone.get("name").getAsString()).isEqualTo("research");
    assertThat(alone.get("version").getAsString()).isEqualTo("1.0");
    assertThat(alone.get("entrypoint").getAsString()).endsWith("/main.py");
    assertThat(alone.get("tasks").toString()).isEqualTo("[]");
    assertThat(alone.get("ceiling").toString())
        .isEqualTo(
            "[{\"name\":\"timeout\",\"value\":\"10s\",\"origin\":\"capsule.toml:12\"},"
                + "{\"name\":\"allowed_hosts\",\"value\":[],\"origin\":\"capsule.toml:13\"}]");
    assertThat(setting(alone.getAsJsonArray("defaults"), "ram"))
        .isEqualTo("\"60MB\" capsule.toml:9");
    params.addProperty("file", folder.resolve("main.py").toString());
    JsonObject described =
        sidecar.process().request("describeConfig", params).reply().result().getAsJsonObject();
    JsonObject main = described.getAsJsonArray("tasks").get(0).getAsJsonObject();
    assertThat(main.get("name").getAsString()).isEqualTo("main");
    assertThat(main.get("line").getAsInt()).isEqualTo(6);
    JsonArray settings = main.getAsJsonArray("settings");
    assertThat(setting(settings, "timeout")).isEqualTo("\"10s\" ceiling, capsule.toml:12");
    assertThat(setting(settings, "allowed_files")).isEqualTo("[\"data\"] main.py:6");
    assertThat(setting(settings, "ram")).isEqualTo("\"60MB\" capsule.toml:9");
    assertThat(setting(settings, "compute")).isEqualTo("\"MEDIUM\" default");
    params.addProperty("config", "");
    JsonObject without =
        sidecar.process().request("describeConfig", params).reply().result().getAsJsonObject();
    assertThat(without.get("config").isJsonNull()).isTrue();
    assertThat(without.get("ceiling").toString()).isEqualTo("[]");
  }

  private static String setting(JsonArray settings, String name) {
    for (JsonElement each : settings) {
      JsonObject setting = each.getAsJsonObject();
      if (setting.get("name").getAsString().equals(name)) {
        return setting.get("value") + " " + setting.get("origin").getAsString();
      }
    }
    throw new AssertionError("no " + name + " in " + settings);
  }

  @Test
  void describeConfigOfWhatIsNoProgram() {
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("notes.txt"), "");
    JsonObject params = new JsonObject();
    params.addProperty("root", folder.toString());
    params.addProperty("file", folder.resolve("notes.txt").toString());
    assertThat(sidecar.process().request("describeConfig", params).reply().errorMessage())
        .contains("language")
        .contains("not to be told from the file's name");
    params.addProperty("file", folder.resolve("none.py").toString());
    assertThat(sidecar.process().request("describeConfig", params).reply().errorMessage())
        .contains("must be an existing file");
  }
}
