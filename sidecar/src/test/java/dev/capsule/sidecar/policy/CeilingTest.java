package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What ceilings lower, what they refuse, and how they say so. */
class CeilingTest {
  private static final Source TOML = new Source.Place("capsule.toml:8", "capsule.toml:8:1", "");
  private static final Source MAIN = Source.declaration("main.py", 12);

  @TempDir Path temporary;
  private Path root;

  @BeforeEach
  void folders() throws IOException {
    root = temporary.toRealPath().resolve("project");
    Files.createDirectories(root.resolve("data/in"));
    Files.createDirectories(root.resolve("database"));
    Files.createSymbolicLink(root.resolve("linked"), root.resolve("data"));
  }

  private static JsonObject json(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }

  private Ceiling ceiling(String text) throws OptionException {
    return Ceiling.read(json(text), TOML, root);
  }

  private Options task(String text) throws OptionException {
    return Options.ofTask(json(text), MAIN, root);
  }

  private TaskPolicy bound(String task, String... ceilings)
      throws OptionException, DeniedException {
    Ceilings all = new Ceilings(List.of());
    for (String each : ceilings) {
      all = all.and(ceiling(each));
    }
    return all.bound("fetch", task(task));
  }

  private String denied(String task, String... ceilings) {
    return String.valueOf(
        assertThatExceptionOfType(DeniedException.class)
            .as("%s under %s", task, List.of(ceilings))
            .isThrownBy(() -> bound(task, ceilings))
            .actual()
            .getMessage());
  }

  @Test
  void limitsAreLoweredAndNamed() throws Exception {
    String all =
        "{\"compute\":\"LOW\",\"ram\":\"64MB\",\"timeout\":\"1s\",\"max_retries\":1,"
            + "\"max_output\":\"1KB\",\"max_result\":\"2KB\",\"max_disk\":0}";
    TaskPolicy policy = bound("{\"ram\":\"1GB\",\"max_retries\":3}", all);
    assertThat(policy.fuel()).isEqualTo(Compute.LOW);
    assertThat(policy.memoryBytes()).isEqualTo(64_000_000);
    assertThat(policy.timeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(policy.maxRetries()).isEqualTo(1);
    assertThat(policy.maxOutputBytes()).isEqualTo(1000);
    assertThat(policy.maxResultBytes()).isEqualTo(2000);
    assertThat(policy.maxDiskBytes()).isZero();
    assertThat(policy.lowered())
        .containsExactly(
            "compute", "ram", "timeout", "max_retries", "max_output", "max_result", "max_disk");
  }

  @Test
  void whatIsWithinIsLeftAlone() throws Exception {
    TaskPolicy policy =
        bound("{\"ram\":\"64MB\",\"timeout\":\"10s\"}", "{\"ram\":\"64MB\",\"timeout\":\"1m\"}");
    assertThat(policy.memoryBytes()).isEqualTo(64_000_000);
    assertThat(policy.timeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(policy.lowered()).isEmpty();
    assertThat(bound("{}")).isEqualTo(TaskPolicy.DEFAULT);
    assertThat(bound("{}", "{}", "{\"ram\":null,\"network\":true}")).isEqualTo(TaskPolicy.DEFAULT);
  }

  @Test
  void ofTwoCeilingsTheLowerHolds() throws Exception {
    TaskPolicy policy =
        bound("{}", "{\"ram\":\"64MB\",\"timeout\":\"1m\"}", "{\"ram\":\"100MB\",\"timeout\":1}");
    assertThat(policy.memoryBytes()).isEqualTo(64_000_000);
    assertThat(policy.timeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(policy.lowered()).containsExactly("ram", "timeout");
    String grant = "{\"env_variables\":[\"A\"]}";
    assertThat(denied(grant, "{\"env_variables\":[\"A\"]}", "{\"env_variables\":[]}")).isNotBlank();
    assertThat(denied(grant, "{\"env_variables\":[]}", "{\"env_variables\":[\"A\"]}")).isNotBlank();
    assertThat(bound(grant, "{\"env_variables\":[\"A\",\"B\"]}", "{}").env()).containsExactly("A");
  }

  @Test
  void aGrantBeyondNamesBothAndWhereEachIsWritten() {
    assertThat(
            denied(
                "{\"allowed_hosts\":[\"api.example.com\"]}",
                "{\"allowed_hosts\":[\"*.internal\"]}"))
        .isEqualTo(
            "Task fetch asks for allowed_hosts \"api.example.com\" (main.py:12), which is beyond"
                + " the ceiling (allowed_hosts = [\"*.internal\"], capsule.toml:8); ask for less"
                + " there, or raise the ceiling");
    assertThat(denied("{\"allowed_hosts\":[\"a.example\"]}", "{\"network\":false}"))
        .contains("(network = false, capsule.toml:8)");
  }

  @ParameterizedTest
  @CsvSource({
    "allowed_hosts, *, *.example.com",
    "allowed_hosts, example.org, example.com",
    "env_variables, SECRET, LANG",
    "env_variables, lang, LANG",
    "tools, shell, search",
  })
  void namesBeyond(String option, String asked, String allowed) throws Exception {
    String task = "{\"" + option + "\":[\"" + allowed + "\",\"" + asked + "\"]}";
    assertThat(denied(task, "{\"" + option + "\":[\"" + allowed + "\"]}"))
        .startsWith("Task fetch asks for " + option + " \"" + asked + "\" (main.py:12)");
    assertThat(denied(task, "{\"" + option + "\":[]}")).isNotBlank();
    assertThat(bound(task, "{\"" + option + "\":[\"" + allowed + "\",\"" + asked + "\"]}"))
        .isNotNull();
    assertThat(bound(task, "{\"ram\":\"1GB\"}"))
        .as("a key that is not said bounds nothing")
        .isNotNull();
  }

  @Test
  void theWildcardNeedsTheWildcard() throws Exception {
    String all = "{\"allowed_hosts\":[\"*\"]}";
    assertThat(bound(all, all).hosts()).hasSize(1);
    assertThat(bound("{\"allowed_hosts\":[\"a.example\"]}", all).hosts()).hasSize(1);
  }

  /** A ceiling of wildcards must not open the private network to what only a task names. */
  @Test
  void aHostIsNoMoreLocalThanTheCeilingSays() throws Exception {
    String task = "{\"allowed_hosts\":[\"db.example.com\"]}";
    assertThat(bound(task).hosts()).extracting(HostPattern::local).containsExactly(true);
    assertThat(bound(task, task).hosts()).extracting(HostPattern::local).containsExactly(true);
    String below = "{\"allowed_hosts\":[\"*.example.com\"]}";
    assertThat(bound(task, below).hosts()).extracting(HostPattern::local).containsExactly(false);
    assertThat(bound(task, task, below).hosts())
        .extracting(HostPattern::local)
        .containsExactly(false);
    assertThat(bound(task, below, task).hosts())
        .extracting(HostPattern::local)
        .containsExactly(false);
    assertThat(denied("{\"allowed_hosts\":[\"localhost:80\"]}", "{\"allowed_hosts\":[\"*\"]}"))
        .isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"data", "data/in", "data/in:ro", "data::/elsewhere", "linked", "linked/in:ro"})
  void filesWithin(String asked) throws Exception {
    String task = "{\"allowed_files\":[\"" + asked + "\"]}";
    for (String allowed :
        new String[] {"data", "data:rw", ".", "..", "linked", "./database/../data"}) {
      assertThat(bound(task, "{\"allowed_files\":[\"" + allowed + "\"]}").mounts()).hasSize(1);
    }
  }

  @Test
  void filesBeyond() throws Exception {
    for (String asked : new String[] {"database", ".", "data::/in", "linked/..", "./data/.."}) {
      String within = "{\"allowed_files\":[\"data/in\",\"later/on\"]}";
      assertThat(denied("{\"allowed_files\":[\"" + asked + "\"]}", within))
          .startsWith("Task fetch asks for allowed_files \"" + root);
    }
    String data = "{\"allowed_files\":[\"data\"]}";
    assertThat(denied("{\"allowed_files\":[\"data\",\"database\"]}", data)).contains("database:rw");
    assertThat(denied("{\"allowed_files\":[\"data\"]}", "{\"allowed_files\":[\"data:ro\"]}"))
        .contains("data:rw\" (main.py:12)")
        .contains("(allowed_files = [\"data:ro\"], capsule.toml:8)");
    assertThat(denied(data, "{\"allowed_files\":[\"data:read-only\"]}"))
        .contains("data:rw\" (main.py:12)");
    assertThat(bound(data, "{\"allowed_files\":[\"data:read-write\"]}")).isNotNull();
    assertThat(bound("{\"allowed_files\":[\"data:ro\"]}", "{\"allowed_files\":[\"data:ro\"]}"))
        .isNotNull();
    assertThat(denied(data, "{\"allowed_files\":[]}")).isNotBlank();
  }

  @Test
  void theCallersFoldersAreBoundedToo() throws Exception {
    Files.createDirectories(root.resolveSibling("outside"));
    Options mounts = Options.ofCaller(json("{\"mounts\":[\"../outside\"]}"), root);
    Ceilings within = new Ceilings(List.of(ceiling("{\"allowed_files\":[\".\"]}")));
    assertThatExceptionOfType(DeniedException.class)
        .isThrownBy(() -> within.bound("fetch", mounts))
        .withMessageContaining("asks for mounts \"" + root.resolveSibling("outside") + ":rw\"")
        .withMessageContaining("(the caller)");
  }

  @Test
  void aFolderThatIsNotThereYetBoundsWhatComesToBe() throws Exception {
    Ceiling ceiling = ceiling("{\"allowed_files\":[\"linked/later/on\"]}");
    Files.createDirectories(root.resolve("data/later/on/deep"));
    assertThat(
            new Ceilings(List.of(ceiling))
                .bound("fetch", task("{\"allowed_files\":[\"data/later/on/deep\"]}"))
                .mounts())
        .hasSize(1);
  }

  @Test
  void settingsSayWhatIsLoweredAndWhatIsDenied() throws OptionException {
    Ceilings ceilings =
        new Ceilings(
            List.of(ceiling("{\"timeout\":\"1m\",\"tools\":[],\"allowed_files\":[\"data\"]}")));
    assertThat(ceilings.settings(task("{\"tools\":[\"shell\"],\"ram\":\"64MB\"}")))
        .extracting(setting -> setting.name() + "=" + setting.value() + " " + setting.origin())
        .contains(
            "timeout=\"1m\" ceiling, capsule.toml:8",
            "tools=[\"shell\"] main.py:12, beyond the ceiling, capsule.toml:8",
            "ram=\"64MB\" main.py:12");
    assertThat(ceilings.all().getFirst().settings())
        .extracting(setting -> setting.name() + "=" + setting.value())
        .containsExactly("timeout=\"1m\"", "tools=[]", "allowed_files=[\"data\"]");
  }
}
