package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a capsule.toml may say, and what is said of one that may not. */
class ConfigTest {
  @TempDir Path temporary;
  private Path root;

  @BeforeEach
  void folder() throws IOException {
    root = temporary.toRealPath();
    Files.createDirectories(root.resolve("data/in"));
    Files.writeString(root.resolve("main.py"), "");
  }

  private ProjectConfig read(String toml) throws OptionException {
    return read("capsule.toml", toml);
  }

  private ProjectConfig read(String name, String toml) throws OptionException {
    try {
      Path file = Files.writeString(root.resolve(name), toml);
      return ProjectConfig.read(ConfigFile.find(root, file.toString()), root);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private OptionException refused(String toml) {
    return assertThatExceptionOfType(OptionException.class)
        .as(toml)
        .isThrownBy(() -> read(toml))
        .actual();
  }

  @Test
  void aTaskMayBeInAnotherFile() throws Exception {
    Path other = Files.writeString(root.resolve("data/other.ts"), "");
    Path main = root.resolve("main.py");
    ProjectConfig config =
        read("[tasks.there]\nfile = 'data/other.ts'\nram = '64MB'\n[tasks.here]\nram = '64MB'\n");
    assertThat(config.elsewhere(main)).containsOnlyKeys("there").containsValue(other);
    assertThat(config.elsewhere(other)).isEmpty();
    assertThat(config.of("there").settings())
        .anyMatch(setting -> setting.toString().contains("64MB"));
    config.requireTasks(List.of("main"), main);
    config.requireTasks(List.of("there"), other);
    assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() -> config.requireTasks(List.of("their"), other))
        .withMessageContaining("capsule.toml:1:")
        .withMessageContaining("data/other.ts has no task of this name; there are: their");
    assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() -> config.requireTasks(List.of("there"), main))
        .withMessageContaining("tasks.there.file=\"data/other.ts\"")
        .withMessageContaining("main.py has a task of this name too");
  }

  @ParameterizedTest
  @ValueSource(strings = {"'../outside.ts'", "'/etc/passwd'", "'missing.ts'", "'data'", "''", "1"})
  void aTaskMayNotBeOutsideTheProject(String file) throws Exception {
    Files.writeString(root.resolve("../outside.ts"), "");
    assertThat(refused("[tasks.there]\nfile = " + file))
        .hasMessageContaining("capsule.toml:2:")
        .hasMessageContaining("tasks.there.file");
  }

  @Test
  void whatATaskMayCallCanBeInAnotherFile() throws Exception {
    ProjectConfig config =
        read("[tasks.there]\nfile = 'main.py'\n[tasks.here]\ntasks = ['there']\n");
    config.requireTasks(List.of("here"), root.resolve("other.py"));
    ProjectConfig wrong = read("[tasks.here]\ntasks = ['there']\n");
    assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() -> wrong.requireTasks(List.of("here"), root.resolve("other.py")))
        .withMessageContaining("is not a task of the program");
  }

  static final String ALL =
      """
      dependencies = ["requests>=2", "pyyaml"]

      [workflow]
      name = "research"
      version = "1.2.0"
      entrypoint = "main.py"

      [tasks]
      default_compute = "low"
      default_ram = "128MB"
      default_timeout = 30
      default_max_retries = 2
      default_retry_on = ["timeout"]
      default_max_output = "1MB"
      default_max_result = "2MB"
      default_max_disk = 0
      default_allowed_files = ["data:ro"]
      default_allowed_hosts = ["api.example.com"]
      default_env_variables = ["LANG"]

      [tasks.fetch]
      compute = "HIGH"
      tools = ["search"]
      tasks = ["parse"]

      [tasks."web search"]
      timeout = "1m30s"

      [ceiling]
      compute = "HIGH"
      ram = "1GB"
      timeout = "10m"
      max_retries = 5
      max_output = "64MB"
      max_result = "32MB"
      max_disk = "1GB"
      allowed_files = ["data", "later/on:ro"]
      allowed_hosts = ["*.example.com"]
      env_variables = ["LANG", "API_KEY"]
      tools = ["search"]
      """;

  @Test
  void everyKey() throws OptionException {
    ProjectConfig config = read(ALL);
    assertThat(config.file()).isEqualTo(root.resolve("capsule.toml"));
    assertThat(config.folder()).isEqualTo(root);
    assertThat(config.name()).isEqualTo("research");
    assertThat(config.version()).isEqualTo("1.2.0");
    assertThat(config.entrypoint()).isEqualTo(root.resolve("main.py"));
    assertThat(config.dependencies())
        .containsExactly(
            new Dependency("requests>=2", 0, "capsule.toml", 1, 17),
            new Dependency("pyyaml", 1, "capsule.toml", 1, 32));
    TaskPolicy policy = config.of("other").policy(List.of());
    assertThat(policy.fuel()).isEqualTo(Compute.LOW);
    assertThat(policy.memoryBytes()).isEqualTo(128_000_000);
    assertThat(policy.timeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(policy.maxRetries()).isEqualTo(2);
    assertThat(policy.retryOn()).hasSize(1);
    assertThat(policy.maxOutputBytes()).isEqualTo(1_000_000);
    assertThat(policy.maxResultBytes()).isEqualTo(2_000_000);
    assertThat(policy.maxDiskBytes()).isZero();
    assertThat(policy.mounts()).containsExactly(new Mount(root.resolve("data"), "/data", false));
    assertThat(policy.hosts()).extracting(HostPattern::text).containsExactly("api.example.com");
    assertThat(policy.env()).containsExactly("LANG");
    TaskPolicy fetch = config.of("fetch").policy(List.of());
    assertThat(fetch.fuel()).isEqualTo(Compute.HIGH);
    assertThat(fetch.memoryBytes()).as("of the defaults").isEqualTo(128_000_000);
    assertThat(fetch.tools()).containsExactly("search");
    assertThat(fetch.tasks()).containsExactly("parse");
    assertThat(config.of("web search").policy(List.of()).timeoutText()).isEqualTo("1m30s");
    assertThat(config.ceiling().settings()).extracting(Setting::name).hasSize(11);
  }

  @Test
  void everySettingKnowsItsOrigin() throws OptionException {
    ProjectConfig config =
        read(
            """
            [tasks]
            default_ram = 128000000
            default_timeout = "90s"

            [tasks.fetch]
            timeout = "2m"
            """);
    assertThat(config.of("fetch").settings())
        .extracting(setting -> setting.name() + "=" + setting.value() + " " + setting.origin())
        .contains(
            "compute=\"MEDIUM\" default",
            "ram=\"128MB\" capsule.toml:2",
            "timeout=\"2m\" capsule.toml:6",
            "max_retries=0 default",
            "allowed_files=[] default",
            "tasks=null default")
        .hasSize(13);
    assertThat(config.of("other").settings())
        .extracting(Setting::value, Setting::origin)
        .contains(tuple(new JsonPrimitive("1m30s"), "capsule.toml:3"));
  }

  record Mistake(String toml, String message) {
    @Override
    public String toString() {
      return toml.replace('\n', ' ');
    }
  }

  static List<Mistake> mistakes() {
    return List.of(
        new Mistake(
            "[task]\n",
            "capsule.toml:1:1: task: is not a key of the configuration; did you mean \"tasks\"?"),
        new Mistake(
            "[tasks]\ndefault_rma = \"1GB\"\n",
            "capsule.toml:2:1: tasks.default_rma=\"1GB\": is neither a default nor a table"
                + " [tasks.NAME]; did you mean \"default_ram\"?"),
        new Mistake(
            "[tasks]\ndefault_tools = [\"x\"]\n",
            "capsule.toml:2:1: tasks.default_tools=[\"x\"]: is neither a default nor a table"),
        new Mistake(
            "[tasks]\n\n  default_ram = \"abc\"\n",
            "capsule.toml:3:3: tasks.default_ram=\"abc\": must be bytes, or a size"),
        new Mistake(
            "[tasks.fetch]\nrma = 1\n",
            "capsule.toml:2:1: tasks.fetch.rma=1: is not an option; did you mean \"ram\"?"),
        new Mistake(
            "[tasks.fetch]\nmounts = [\"/etc\"]\n",
            "capsule.toml:2:1: tasks.fetch.mounts=[\"/etc\"]: is not an option"),
        new Mistake(
            "[tasks.fetch]\nallowed_hosts = [\n  \"a.example\",\n  7,\n]\n",
            "capsule.toml:4:3: tasks.fetch.allowed_hosts[1]=7: must be "),
        new Mistake(
            "[tasks.fetch]\nallowed_files = [\"..\"]\n",
            "capsule.toml:2:18: tasks.fetch.allowed_files[0]=\"..\": must lie in"),
        new Mistake("tasks = 3\n", "capsule.toml:1:1: tasks=3: must be a table: [tasks]"),
        new Mistake(
            "[tasks]\ndefault_ram = {a = 1}\n",
            "capsule.toml:2:1: tasks.default_ram={\"a\":1}: must be a value"),
        new Mistake(
            "[ceiling]\nrma = 1\n",
            "capsule.toml:2:1: ceiling.rma=1: is not part of a ceiling; did you mean \"ram\"?"),
        new Mistake(
            "[ceiling]\ntasks = []\n",
            "capsule.toml:2:1: ceiling.tasks=[]: is not part of a ceiling"),
        new Mistake(
            "[ceiling]\ntimeout = \"1 day\"\n",
            "capsule.toml:2:1: ceiling.timeout=\"1 day\": must be seconds, or a duration"),
        new Mistake(
            "[ceiling]\nnetwork = 0\n",
            "capsule.toml:2:1: ceiling.network=0: must be true or false"),
        new Mistake(
            "[ceiling]\nallowed_hosts = [\"*\"]\nnetwork = false\n",
            "capsule.toml:3:1: ceiling.network=false: allows no host, but allowed_hosts"),
        new Mistake(
            "[ceiling]\nallowed_files = [\"data::/x\"]\n",
            "capsule.toml:2:18: ceiling.allowed_files[0]=\"data::/x\": must be a list of folders"),
        new Mistake(
            "dependencies = \"requests\"\n",
            "capsule.toml:1:1: dependencies=\"requests\": must be a list of requirements"),
        new Mistake(
            "dependencies = [\"a\", 1]\n", "capsule.toml:1:22: dependencies[1]=1: must be text"),
        new Mistake(
            "[workflow]\nnmae = \"x\"\n",
            "capsule.toml:2:1: workflow.nmae: is not a key of [workflow]; did you mean \"name\"?"),
        new Mistake(
            "[workflow]\nversion = 1.0\n", "capsule.toml:2:1: workflow.version=1.0: must be text"),
        new Mistake(
            "[workflow]\nname = \"\"\n", "capsule.toml:2:1: workflow.name=\"\": must be text"),
        new Mistake(
            "[workflow]\nentrypoint = \"mian.py\"\n",
            "capsule.toml:2:1: workflow.entrypoint=\"mian.py\": must be a program's file"),
        new Mistake(
            "[workflow]\nentrypoint = \"/etc/passwd\"\n",
            "capsule.toml:2:1: workflow.entrypoint=\"/etc/passwd\": must be a program's file"),
        new Mistake(
            "[tasks]\ndefault_timeout = 2026-01-01\n",
            "capsule.toml:2:1: tasks.default_timeout: must not be a date"),
        new Mistake(
            "[tasks]\ndefault_timeout = nan\n",
            "capsule.toml:2:1: tasks.default_timeout=\"NaN\": must be seconds"),
        new Mistake(
            "[tasks]\ndefault_ram = \"1GB\"\ndefault_ram = \"2GB\"\n",
            "capsule.toml:3:1: is not TOML: "),
        new Mistake(
            "[journal]\nurl = \"mysql://a/b\"\n",
            "capsule.toml:2:1: journal.url=\"mysql://a/b\": must be the address of a database"),
        new Mistake(
            "[journal]\ndurability = \"most\"\n",
            "capsule.toml:2:1: journal.durability=\"most\": must be one of \"full\", \"relaxed\""),
        new Mistake("[tasks\n", "capsule.toml:1:7: is not TOML: "),
        new Mistake("[tasks]\ndefault_ram = 1GB\n", "capsule.toml:2:16: is not TOML: "),
        new Mistake(
            "[tasks.x]\nallowed_files = [{path = \"a\", b= \"c\", ]\n[tasks]\n",
            "capsule.toml:3:1: is not TOML: a bracket, a brace or a quote before this is not closed"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistakeIsShownWhereItStands(Mistake mistake) {
    OptionException refused = refused(mistake.toml());
    assertThat(refused).hasMessageStartingWith(mistake.message());
    assertThat(mistake.message()).startsWith(refused.where() + ": ");
  }

  @Test
  void anEmptyFileSaysNothing() throws OptionException {
    assertThat(read("").of("x").policy(List.of())).isEqualTo(TaskPolicy.DEFAULT);
    assertThat(read("[tasks]\n[ceiling]\n[workflow]\n").ceiling().settings()).isEmpty();
  }

  @Test
  void pyproject() throws OptionException {
    ProjectConfig config =
        read(
            "pyproject.toml",
            "[project]\nname = \"other\"\n\n[tool.capsule.tasks]\ndefault_ram = \"64MB\"\n");
    assertThat(config.of("x").settings())
        .anySatisfy(setting -> assertThat(setting.origin()).isEqualTo("pyproject.toml:5"));
    assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() -> read("pyproject.toml", "[tool.capsule]\nceilin = {}\n"))
        .withMessage(
            "pyproject.toml:2:1: tool.capsule.ceilin: is not a key of [tool.capsule]; did you mean"
                + " \"ceiling\"?");
    assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() -> read("pyproject.toml", "[project]\n"))
        .withMessage("pyproject.toml: has no table [tool.capsule]");
  }

  @Test
  void tasksThatTheEntrypointDoesNotHave() throws OptionException {
    String toml = "[workflow]\nentrypoint = \"main.py\"\n[tasks.fetsh]\nram = \"64MB\"\n";
    ProjectConfig config = read(toml);
    assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() -> config.requireTasks(Set.of("fetch"), root.resolve("main.py")))
        .withMessage(
            "capsule.toml:3:1: tasks.fetsh: the entrypoint has no task of this name; did you mean"
                + " \"fetch\"?");
    config.requireTasks(Set.of("fetsh", "x"), root.resolve("main.py"));
    config.requireTasks(Set.of("fetch"), root.resolve("other.py"));
    ProjectConfig calls = read("[tasks.a]\ntasks = [\"a\", \"bb\"]\n");
    assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() -> calls.requireTasks(Set.of("a", "b"), root.resolve("main.py")))
        .withMessage(
            "capsule.toml:2:15: tasks.a.tasks[1]=\"bb\": is not a task of the program; did you mean"
                + " \"b\"?");
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 10_000, 200_000})
  void nestingEndsInAnError(int depth) {
    String value = "a = " + "[".repeat(depth) + "]".repeat(depth) + "\n";
    assertThat(refused(value).getMessage()).startsWith("capsule.toml");
  }
}
