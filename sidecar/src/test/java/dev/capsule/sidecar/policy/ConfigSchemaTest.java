package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

/** The schema for editors, protocol/capsule.schema.json, says what {@link ConfigReader} does. */
class ConfigSchemaTest {
  private static final Path CHECKOUT = Path.of(System.getProperty("capsule.checkout", ".."));
  private static final Path FILE = CHECKOUT.resolve("protocol/capsule.schema.json");
  private static final Path TEMPLATE =
      CHECKOUT.resolve("repl/src/main/resources/dev/capsule/repl/command/capsule.toml.template");
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final String TEXT = text(FILE);
  private static final Schema SCHEMA = REGISTRY.getSchema(TEXT);
  private static final JsonObject JSON = JsonParser.parseString(TEXT).getAsJsonObject();

  /** Each is tried as the value of each key. */
  static final List<String> VALUES =
      List.of(
          "true",
          "0",
          "-0",
          "1",
          "-1",
          "1.0",
          "1.5",
          "0.001",
          "0.0009",
          "2.0",
          "100",
          "101",
          "1e1",
          "39999999",
          "40000000",
          "40000000.5",
          "1e8",
          "1.28e8",
          "4294967296",
          "4294967297",
          "64000000",
          "64000001",
          "1073741824",
          "1073741825",
          "1099511627776",
          "1099511627777",
          "86400",
          "86400.5",
          "86401",
          "1e15",
          "1000000000000000",
          "1000000000000001",
          "1e18",
          "''",
          "' '",
          "'abc'",
          "'main.py'",
          "'LOW'",
          "'low'",
          "' High '",
          "'LOW MEDIUM'",
          "'0'",
          "'10'",
          "' 100 '",
          "'40000000'",
          "'1e9'",
          "'-1'",
          "'512MB'",
          "'0.5 gib'",
          "' 64MiB '",
          "'512 XB'",
          "'1iB'",
          "'512MBMB'",
          "'1.'",
          "'.5GB'",
          "'5m'",
          "'full'",
          "'Full'",
          "'postgresql://a/b'",
          "'mysql://a/b'",
          "'1h30m'",
          "'500ms'",
          "'1.5 s'",
          "'1m 30s'",
          "'10s5'",
          "'5 minutes'",
          "'5M'",
          "'s'",
          "[]",
          "[1]",
          "[['a']]",
          "['']",
          "[' ']",
          "['timeout']",
          "['timeout', 'timeout']",
          "['timeout', 'TIMEOUT']",
          "['cancelled']",
          "['invalid_arguments']",
          "['task_not_found']",
          "['internal']",
          "['requests>=2', 'jinja2']",
          "['data']",
          "['data:ro', 'main.py']",
          "[':ro']",
          "['::']",
          "['data:read-only']",
          "[':read-write']",
          "['data::/in:rw']",
          "['::/in']",
          "[{path = 'data'}]",
          "[{path = 'data', mode = 'ro'}]",
          "[{path = 'data', mode = 'read-write'}]",
          "[{path = 'data', mode = 'w'}]",
          "[{path = 'data', size = 1}]",
          "[{mode = 'ro'}]",
          "[{path = ''}]",
          "[{path = 1}]",
          "['*']",
          "['*.example.com']",
          "['https://a.example:8443']",
          "['HTTP://*:80']",
          "['ftp://a']",
          "['http://a/b']",
          "['u@a']",
          "['[::1]:8080']",
          "['::1']",
          "['[::1']",
          "['a b']",
          "['a.*']",
          "['a:']",
          "['a:123456']",
          "['a%b']",
          "['localhost:8080', '*']",
          "['_V1']",
          "['1V']",
          "['A-B']",
          "['" + "a".repeat(200) + "']",
          "['" + "a".repeat(201) + "']",
          "{}",
          "{a = 1}");

  @TempDir Path temporary;
  private Path root;

  @BeforeEach
  void folder() throws IOException {
    root = temporary.toRealPath();
    Files.createDirectories(root.resolve("data/in"));
    Files.writeString(root.resolve("main.py"), "");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The error of the reader; null: it takes this. */
  private @Nullable OptionException refusal(String toml) {
    try {
      ProjectConfig.read(new ConfigFile(root.resolve("capsule.toml"), toml, "capsule.toml"), root);
      return null;
    } catch (OptionException e) {
      return e;
    }
  }

  private static List<String> complaints(String toml) {
    TomlParseResult parsed = Toml.parse(toml);
    assertThat(parsed.errors()).as(toml).isEmpty();
    return SCHEMA.validate(parsed.toJson(), InputFormat.JSON).stream()
        .map(Object::toString)
        .toList();
  }

  private static JsonObject schema(String... path) {
    JsonObject found = JSON;
    for (String name : path) {
      found = found.getAsJsonObject(name);
    }
    return found;
  }

  private static JsonObject properties(String... path) {
    return schema(path).getAsJsonObject("properties");
  }

  private static List<String> names(List<Option<?>> options, String prefix) {
    return options.stream().map(option -> prefix + option.name()).toList();
  }

  /** All keys that the reader knows, as TOML with a hole for the value. */
  static List<String> keys() {
    List<String> keys = new ArrayList<>();
    keys.add("dependencies = %s");
    ConfigReader.OF_WORKFLOW.forEach(key -> keys.add("[workflow]\n" + key + " = %s"));
    names(ConfigReader.WITH_DEFAULT, ConfigReader.DEFAULT)
        .forEach(key -> keys.add("[tasks]\n" + key + " = %s"));
    names(Option.OF_TASKS, "").forEach(key -> keys.add("[tasks.fetch]\n" + key + " = %s"));
    keys.add("[tasks.fetch]\n" + ConfigReader.FILE + " = %s");
    Ceiling.keys().forEach(key -> keys.add("[ceiling]\n" + key + " = %s"));
    JournalConfig.KEYS.forEach(key -> keys.add("[journal]\n" + key + " = %s"));
    TraceConfig.KEYS.forEach(key -> keys.add("[trace]\n" + key + " = %s"));
    return keys;
  }

  @Test
  void itIsASchema() {
    Schema meta =
        REGISTRY.getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()));
    assertThat(meta.validate(TEXT, InputFormat.JSON)).isEmpty();
    assertThat(meta.validate("{\"type\": 1}", InputFormat.JSON)).isNotEmpty();
  }

  @Test
  void itHasTheKeysOfTheReaderAndNoOthers() {
    assertThat(properties().keySet()).containsExactlyInAnyOrderElementsOf(ConfigReader.KEYS);
    assertThat(properties("properties", "workflow").keySet())
        .containsExactlyInAnyOrderElementsOf(ConfigReader.OF_WORKFLOW);
    assertThat(properties("properties", "tasks").keySet())
        .containsExactlyInAnyOrderElementsOf(
            names(ConfigReader.WITH_DEFAULT, ConfigReader.DEFAULT));
    List<String> ofTask = new ArrayList<>(names(Option.OF_TASKS, ""));
    ofTask.add(ConfigReader.FILE);
    assertThat(properties("$defs", "options").keySet()).containsExactlyInAnyOrderElementsOf(ofTask);
    assertThat(properties("properties", "ceiling").keySet())
        .containsExactlyInAnyOrderElementsOf(Ceiling.keys());
    assertThat(properties("properties", "journal").keySet())
        .containsExactlyInAnyOrderElementsOf(JournalConfig.KEYS);
    assertThat(properties("properties", "trace").keySet())
        .containsExactlyInAnyOrderElementsOf(TraceConfig.KEYS);
  }

  /** Unknown keys are refused where the reader does so, which the comparison of names relies on. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "other = %s",
        "[workflow]\nother = %s",
        "[tasks]\nother = %s",
        "[tasks]\ndefault_tools = %s",
        "[tasks.fetch]\nother = %s",
        "[tasks.fetch]\nmounts = %s",
        "[ceiling]\nother = %s",
        "[journal]\nother = %s",
        "[trace]\nother = %s"
      })
  void noOtherKeyIsTaken(String key) {
    for (String value : List.of("1", "'a'", "[]")) {
      assertThat(complaints(key.formatted(value))).isNotEmpty();
      assertThat(refusal(key.formatted(value))).isNotNull();
    }
  }

  @Test
  void itExplainsEveryKeyAndKnowsItsDefault() {
    JsonObject options = properties("$defs", "options");
    for (Option<?> option : Option.OF_TASKS) {
      JsonElement standard = option.shownStandard();
      JsonObject described = options.getAsJsonObject(option.name());
      assertThat(described.get("default"))
          .as(option.name())
          .isEqualTo(standard.isJsonNull() ? null : standard);
      assertThat(described.get("description").getAsString()).contains("Default: ");
      if (standard.isJsonPrimitive()) {
        assertThat(described.get("description").getAsString())
            .contains("Default: " + standard.getAsString() + ".");
      }
    }
    for (Option<?> option : ConfigReader.WITH_DEFAULT) {
      assertThat(
              properties("properties", "tasks")
                  .getAsJsonObject(ConfigReader.DEFAULT + option.name())
                  .get("$ref")
                  .getAsString())
          .isEqualTo("#/$defs/options/properties/" + option.name());
    }
    List<JsonObject> tables =
        List.of(
            properties(),
            properties("properties", "workflow"),
            options,
            properties("properties", "ceiling"),
            properties("properties", "journal"),
            properties("properties", "trace"));
    for (JsonObject table : tables) {
      for (String key : table.keySet()) {
        assertThat(table.getAsJsonObject(key).keySet()).as(key).contains("title", "description");
      }
    }
  }

  /**
   * What the reader takes the schema takes. What the schema takes the reader takes, unless a schema
   * cannot know: which files there are, and whether a number that is written as text is in range.
   */
  @ParameterizedTest
  @FieldSource("VALUES")
  void bothTakeAndRefuseTheSameValues(String value) {
    for (String key : keys()) {
      String toml = key.formatted(value);
      List<String> complaints = complaints(toml);
      OptionException refusal = refusal(toml);
      if (refusal == null) {
        assertThat(complaints).as(toml).isEmpty();
      } else if (complaints.isEmpty()) {
        assertThat(String.valueOf(refusal.getMessage()))
            .as(toml)
            .containsPattern(
                "there is nothing at|must be a program's file"
                    + "|=\"[0-9 .a-zA-Z]+\": must be (bytes|seconds|a time)");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ConfigTest.ALL,
        "[workflow]\n[tasks]\n[ceiling]",
        "[trace]\nstore = false\nmax_size = '64 MiB'\nmax_age = ' 12h '\nlevel = 'verbose'",
        "[tasks.default_tools]\nram = '1GB'",
        "[tasks.'web search']\n[tasks.tasks]\ntasks = []",
        "[ceiling]\nnetwork = true\nallowed_hosts = ['a']",
        "[ceiling]\nnetwork = false\nallowed_hosts = []",
        "[ceiling]\nnetwork = false\nallowed_files = ['later/on']"
      })
  void bothTakeTheWhole(String toml) {
    assertThat(complaints(toml)).isEmpty();
    assertThat(refusal(toml)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "workflow = 1",
        "tasks = []",
        "[[tasks]]",
        "[[tasks.fetch]]",
        "ceiling = 'x'",
        "[taks]",
        "[tasks]\nram = '1GB'",
        "[tasks]\nfetch = '1GB'",
        "[tasks.default_ram]",
        "[tasks.default_retry_on]\nram = '1GB'",
        "[tasks.fetch]\ndefault_ram = '1GB'",
        "[tasks.fetch]\nnetwork = false",
        "[tasks.fetch.more]\nram = '1GB'",
        "[ceiling]\ntasks = []",
        "[ceiling]\nretry_on = []",
        "[tasks]\ndefault_ram = 2026-01-01",
        "[ceiling]\ndefault_ram = '1GB'",
        "[ceiling]\nnetwork = false\nallowed_hosts = ['a']",
        "[tool.capsule]"
      })
  void bothRefuseTheWhole(String toml) {
    assertThat(complaints(toml)).isNotEmpty();
    assertThat(refusal(toml)).isNotNull();
  }

  private static String template() {
    return text(TEMPLATE)
        .replace("@NAME@", "name = \"news\"")
        .replace("@ENTRYPOINT@", "entrypoint = \"main.py\"");
  }

  /** With the settings that are shown as comments. */
  private static String fullTemplate() {
    return template()
        .lines()
        .map(line -> line.replaceFirst("^# (?=[a-z_]+ = |\\[[a-z.]+\\]$)", ""))
        .collect(Collectors.joining("\n"));
  }

  @Test
  void whatCapsuleInitWritesIsValid() {
    assertThat(complaints(template())).isEmpty();
    assertThat(refusal(template())).isNull();
    String full = fullTemplate();
    assertThat(complaints(full)).as("network = false beside hosts").isNotEmpty();
    for (String without : List.of("network = false", "allowed_hosts = [\"*.example.com\"]")) {
      assertThat(full).contains("\n" + without);
      String consistent = full.replace("\n" + without, "\n# " + without);
      assertThat(complaints(consistent)).isEmpty();
      assertThat(refusal(consistent)).isNull();
    }
  }

  @Test
  void whatCapsuleInitWritesHasEveryKeyAndItsDefault() {
    JsonObject full = JsonParser.parseString(Toml.parse(fullTemplate()).toJson()).getAsJsonObject();
    assertThat(full.keySet()).isEqualTo(properties().keySet());
    for (String table : List.of("workflow", "ceiling")) {
      assertThat(full.getAsJsonObject(table).keySet())
          .isEqualTo(properties("properties", table).keySet());
    }
    JsonObject tasks = full.getAsJsonObject("tasks");
    assertThat(tasks.keySet()).containsAll(properties("properties", "tasks").keySet());
    for (Option<?> option : ConfigReader.WITH_DEFAULT) {
      JsonElement shown = tasks.get(ConfigReader.DEFAULT + option.name());
      if (option == Option.RETRY_ON) { // a set
        assertThat(shown.getAsJsonArray())
            .containsExactlyInAnyOrderElementsOf(option.shownStandard().getAsJsonArray());
      } else {
        assertThat(shown).as(option.name()).hasToString(option.shownStandard().toString());
      }
    }
  }
}
