package dev.capsule.repl.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.ParseResult;

/** What the flags of {@code capsule run} become on the wire. */
class RunPolicyTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("TOKEN", "secret", "EMPTY", "");

  @TempDir Path folder;

  private static ParseResult parse(String... words) {
    String[] line = Stream.concat(Stream.of("run"), Stream.of(words)).toArray(String[]::new);
    return CommandTree.create("0").parseArgs(line).subcommand();
  }

  private RunPolicy policy(String... words) throws UsageException {
    return RunPolicy.of(parse(words), folder, ENVIRONMENT);
  }

  @Test
  void saysNothingOfWhatIsNotGiven() throws UsageException {
    RunPolicy policy = policy("main.py");
    assertThat(policy.options().isEmpty()).isTrue();
    assertThat(policy.ceiling()).isNull();
    assertThat(policy.env()).isEmpty();
  }

  @Test
  void limitsAndGrantsAreTheCallersOptions() throws Exception {
    Files.createDirectory(folder.resolve("data"));
    RunPolicy policy =
        policy(
            "--max-retries=2",
            "--max-disk=1MB",
            "--max-output=2KB",
            "--max-result=3KB",
            "--allow-host=a.example",
            "--allow-host",
            "*.b.example",
            "--mount=data:ro");
    assertThat(policy.options())
        .isEqualTo(
            JsonParser.parseString(
                "{'max_disk': '1MB', 'max_output': '2KB', 'max_result': '3KB', 'max_retries': 2,"
                    + " 'allowed_hosts': ['a.example', '*.b.example'],"
                    + " 'mounts': ['%s::/data:ro']}".formatted(folder.resolve("data"))));
  }

  @Test
  void theCeilingIsOfFlagsAndJson() throws UsageException {
    RunPolicy policy =
        policy(
            "--max-ram=64MB",
            "--max-timeout=5s",
            "--max-compute=LOW",
            "--no-network",
            "--no-files",
            "--ceiling={\"max_disk\": \"1MB\"}");
    assertThat(policy.ceiling())
        .isEqualTo(
            JsonParser.parseString(
                "{'ram': '64MB', 'timeout': '5s', 'compute': 'LOW', 'allowed_hosts': [],"
                    + " 'allowed_files': [], 'max_disk': '1MB'}"));
    assertThat(policy.options().isEmpty()).isTrue();
  }

  @Test
  void anEmptyCeilingIsOneAllTheSame() throws UsageException {
    assertThat(policy("--ceiling={}").ceiling()).isEqualTo(JsonParser.parseString("{}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--max-ram=1GB   | {\"ram\": \"2GB\"}         | --max-ram both bound ram",
        "--no-network    | {\"allowed_hosts\": [\"*\"]} | --no-network both bound allowed_hosts",
        "--no-files      | {\"allowed_files\": []}    | --no-files both bound allowed_files",
        "--no-files      | []                         | must be a JSON object",
        "--no-files      | {'a                        | must be a JSON object",
        "--no-files      | ''                         | must be a JSON object",
      })
  void refusesCeilingsThatContradictOrAreNone(String flag, String json, String problem) {
    assertThatThrownBy(() -> policy(flag, "--ceiling=" + json))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void variablesHaveTheValueOfTheShellOrTheOneGiven() throws UsageException {
    RunPolicy policy =
        policy("--env", "TOKEN", "--env=EMPTY", "--env", "UNKNOWN", "--env=MODE=a=b", "--env=NO=");
    assertThat(policy.options().get("env_variables"))
        .isEqualTo(JsonParser.parseString("['TOKEN', 'EMPTY', 'UNKNOWN', 'MODE', 'NO']"));
    // What is unknown here is not said, so that the project's .env has its say.
    assertThat(policy.env())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("TOKEN", "secret", "EMPTY", "", "MODE", "a=b", "NO", ""));
  }

  @Test
  void variablesAreNamedOnceAndTheirValuesNotToldInErrors() {
    for (List<String> wrong :
        List.of(List.of("--env==hidden"), List.of("--env=A=hidden", "--env=A"))) {
      assertThatThrownBy(() -> policy(wrong.toArray(String[]::new)))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("--env NAME")
          .hasMessageNotContaining("hidden");
    }
  }

  @Test
  void allWordsAfterTheDashesAreForTheEntrypointIfThereIsNoFile() throws UsageException {
    RunRequest request = RunRequest.of(parse("--task=t", "--", "one", "-2"), folder);
    assertThat(request.program()).isNull();
    assertThat(request.args().text()).isEqualTo("[\"one\",\"-2\"]");
    assertThat(RunRequest.of(parse(), folder).args().text()).isEqualTo("[]");
  }

  @Test
  void theConfigurationIsNamedOrNot() throws Exception {
    Path file = Files.writeString(folder.resolve("other.toml"), "");
    assertThat(ConfigArgument.of(parse("--config=other.toml"), folder)).isEqualTo(file.toString());
    assertThat(ConfigArgument.of(parse("--no-config"), folder)).isEmpty();
    assertThat(ConfigArgument.of(parse(), folder)).isNull();
    assertThatThrownBy(() -> ConfigArgument.of(parse("--config=missing.toml"), folder))
        .hasMessageContaining("missing.toml")
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> ConfigArgument.of(parse("--config=a", "--no-config"), folder))
        .hasMessageContaining("exclude");
  }
}
