package dev.capsule.repl.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.InvalidParamData;
import dev.capsule.protocol.Limits;
import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.TaskInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailuresTest {
  private final Failures failures = new Failures("main.py");

  @TempDir Path folder;

  @Test
  void showsTheLineOfAConfigurationWithACaretAndItsNameFromWhereTheUserStands() throws IOException {
    Path program = Files.createDirectories(folder.resolve("src"));
    Files.writeString(folder.resolve("capsule.toml"), "[tasks]\n\tdefalt_ram = 1\n");
    var error = new InvalidParamData("tasks.defalt_ram", null, "is unknown", "../capsule.toml:2:2");
    assertThat(failures.ofOption(error, program, folder))
        .isEqualTo(
            """
            capsule: capsule.toml:2:2: tasks.defalt_ram: is unknown
                \tdefalt_ram = 1
                \t^\
            """);
    assertThat(failures.ofOption(error, program, program))
        .startsWith("capsule: " + folder + "/capsule.toml:2:2: ");
  }

  @Test
  void aFaultWithoutAFieldOrAFileIsToldAllTheSame() {
    var error = new InvalidParamData("", null, "there is no value here", "gone.toml:1:5");
    assertThat(failures.ofOption(error, folder, folder))
        .isEqualTo("capsule: gone.toml:1:5: there is no value here");
  }

  @Test
  void aConfigurationThatCannotBeReadIsNamed() {
    var value = new RawJson("\"" + folder.resolve("capsule.toml") + "\"");
    var error = new InvalidParamData("config", value, "belongs to another user", null);
    assertThat(failures.ofOption(error, folder, folder))
        .isEqualTo("capsule: capsule.toml: belongs to another user");
  }

  @ParameterizedTest
  @CsvSource({
    "ram, --ram",
    "options.max_disk, --max-disk",
    "mounts[1], --mount",
    "options.allowed_hosts[0], --allow-host",
    "env_variables[2], --env",
    "env.TOKEN, --env",
    "ceiling.ram, --max-ram",
    "ceiling.max_disk, --ceiling max_disk",
  })
  void namesWhatTheUserTyped(String field, String flag) {
    var error = new InvalidParamData(field, new RawJson("\"x\""), "must be y", null);
    assertThat(failures.ofOption(error, folder, folder))
        .isEqualTo("capsule: " + flag + " \"x\": must be y");
  }

  @Test
  void whoReachesAnOrdinaryLimitMayRaiseIt() {
    assertThat(failure(ErrorType.TIMEOUT, List.of("ram"))).contains("--timeout, or timeout=");
  }

  @Test
  void whoReachesTheCeilingIsNotToldToRaiseTheLimit() {
    assertThat(failure(ErrorType.TIMEOUT, List.of("timeout")))
        .contains("ceiling")
        .contains("--max-timeout")
        .doesNotContain("with --timeout");
  }

  @Test
  void aLimitIsSaidWhereTheTaskIsDeclared() {
    TaskFailure failure = TaskFailure.of(ErrorType.POLICY_DENIED, "too much");
    var execution = new Execution("t", 1, 0, null, null, List.of(), null, "r", "t", null, false);
    var task = new TaskInfo("t", "f", "other.py", 7, "()", new JsonObject());
    assertThat(
            failures.ofTask(
                failure,
                Envelope.failure(failure, execution),
                new LoadProgramResult("p", null, List.of(task), List.of())))
        .isEqualTo("capsule: other.py:7: too much");
  }

  private String failure(ErrorType type, List<String> lowered) {
    TaskFailure failure = TaskFailure.of(type, "too much");
    var limits = new Limits(1, 1, 1, lowered);
    var execution = new Execution("t", 1, 0, null, null, List.of(), limits, "r", "t", null, false);
    return failures.ofTask(failure, Envelope.failure(failure, execution), null);
  }
}
