package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.ErrorType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What options may say, and what is said of those that may not. */
class OptionsTest {
  @TempDir static Path root;

  private static JsonObject json(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }

  private static TaskPolicy policy(String options) throws OptionException {
    return Options.ofTask(json(options), Source.caller(), root).policy(List.of());
  }

  private static OptionException refused(String options) {
    return assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() -> Options.ofTask(json(options), Source.caller(), root))
        .actual();
  }

  @ParameterizedTest
  @CsvSource({
    "40000000, 40000000",
    "'\"40000000\"', 40000000",
    "'\"40MB\"', 40000000",
    "'\"64 MiB\"', 67108864",
    "'\"0.5gib\"', 536870912",
    "'\"4GiB\"', 4294967296",
    "'\" 100mb \"', 100000000",
    "50000000.0, 50000000",
    "1e8, 100000000",
    "1.28E8, 128000000",
  })
  void ram(String value, long bytes) throws OptionException {
    assertThat(policy("{\"ram\":" + value + "}").memoryBytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"abc\"",
        "\"-1\"",
        "-1",
        "0",
        "true",
        "[]",
        "{}",
        "[512]",
        "\"\"",
        "\"1e9\"",
        "1e400",
        "1E99999999999",
        "\"39MB\"",
        "\"4.1GiB\"",
        "\"512 XB\"",
        "\"512MBMB\"",
        "\"NaN\"",
        "\"Infinity\"",
        "99999999999999999999999999",
        "\"0x1000000\"",
        "\"٥٠MB\"",
        "40000000.5"
      })
  void ramThatCannotBe(String value) {
    OptionException refused = refused("{\"ram\":" + value + "}");
    assertThat(refused.field()).isEqualTo("ram");
    assertThat(refused.value()).isEqualTo(JsonParser.parseString(value).toString());
    assertThat(refused).hasMessageStartingWith("ram=").hasMessageContaining("from 40MB to 4GiB");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1000",
    "0.001, 1",
    "2.5, 2500",
    "'\"500ms\"', 500",
    "'\"30s\"', 30000",
    "'\"5m\"', 300000",
    "'\"1h30m\"', 5400000",
    "'\"1m 30s\"', ",
    "'\"24h\"', 86400000",
    "'\"10\"', 10000",
    "'\"1.5 s\"', 1500",
  })
  void timeout(String value, Long milliseconds) throws OptionException {
    if (milliseconds == null) {
      assertThat(refused("{\"timeout\":" + value + "}").field()).isEqualTo("timeout");
    } else {
      assertThat(policy("{\"timeout\":" + value + "}").timeout())
          .isEqualTo(Duration.ofMillis(milliseconds));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"-1\"", "-1", "0", "\"0s\"", "0.0001", "\"25h\"", "86401", "\"abc\"", "\"5 minutes\"",
        "true", "[1]", "{}", "\"\"", "\" \"", "\"s\"", "\"1e3\"", "1E99999999999", "\"NaN\"",
        "\"10s5\"", "\"1d\"", "\"5M\""
      })
  void timeoutThatCannotBe(String value) {
    OptionException refused = refused("{\"timeout\":" + value + "}");
    assertThat(refused.field()).isEqualTo("timeout");
    assertThat(refused)
        .hasMessageStartingWith("timeout=")
        .hasMessageContaining("\"1h30m\"")
        .hasMessageContaining("from 1ms to 24h");
  }

  @ParameterizedTest
  @CsvSource({
    "'\"LOW\"', 5000000000",
    "'\"medium\"', 50000000000",
    "'\"High\"', 1500000000000",
    "1, 1",
    "'\"1000\"', 1000",
    "1000000000000000, 1000000000000000",
    "5e9, 5000000000",
    "1000.0, 1000",
  })
  void compute(String value, long fuel) throws OptionException {
    assertThat(policy("{\"compute\":" + value + "}").fuel()).isEqualTo(fuel);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"HUGE\"",
        "0",
        "-1",
        "1.5",
        "true",
        "[]",
        "{}",
        "\"\"",
        "1000000000000001",
        "1e16",
        "1e-1",
        "1E99999999999",
        "\"1e9\"",
        "99999999999999999999",
        "\"LOW MEDIUM\"",
        "\"NaN\""
      })
  void computeThatCannotBe(String value) {
    OptionException refused = refused("{\"compute\":" + value + "}");
    assertThat(refused.field()).isEqualTo("compute");
    assertThat(refused)
        .hasMessageStartingWith("compute=")
        .hasMessageContaining("\"LOW\"")
        .hasMessageContaining("\"MEDIUM\"")
        .hasMessageContaining("\"HIGH\"")
        .hasMessageContaining("1e15");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "3, 3", "100, 100", "2.0, 2", "1e1, 10", "-0, 0"})
  void retries(String value, int retries) throws OptionException {
    assertThat(policy("{\"max_retries\":" + value + "}").maxRetries()).isEqualTo(retries);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "101",
        "1.5",
        "\"3\"",
        "true",
        "[]",
        "{}",
        "1e400",
        "1E99999999999",
        "1E-99999999999",
        "-1E99999999999",
        "99999999999999999999999999999999"
      })
  void retriesThatCannotBe(String value) {
    OptionException refused = refused("{\"max_retries\":" + value + "}");
    assertThat(refused.field()).isEqualTo("max_retries");
    assertThat(refused)
        .hasMessageStartingWith("max_retries=")
        .hasMessageEndingWith("must be a whole number from 0 to 100");
  }

  @Test
  void anOptionThatDoesNotExistIsRefusedWithTheNearest() {
    assertThat(refused("{\"timeot\": \"5s\"}"))
        .hasMessage("timeot=\"5s\": is not an option; did you mean \"timeout\"?");
    assertThat(refused("{\"RAM\": 1}")).hasMessageEndingWith("did you mean \"ram\"?");
    assertThat(refused("{\"colour\": \"blue\"}"))
        .hasMessageContaining("there are:")
        .hasMessageContaining("allowed_files")
        .hasMessageContaining("max_output");
    assertThat(refused("{\"\": 1}").field()).isEmpty();
  }

  @Test
  void onlyACallerGrantsFoldersOutside() throws OptionException {
    assertThat(refused("{\"mounts\": []}").field()).isEqualTo("mounts");
    assertThat(Options.ofCaller(json("{\"mounts\": []}"), root).policy(List.of()))
        .isEqualTo(TaskPolicy.DEFAULT);
  }

  @Test
  void grantsAreListsOfNames() throws OptionException {
    TaskPolicy policy =
        policy(
            "{\"allowed_hosts\":[\"api.example.com\",\"api.example.com\"],\"env_variables\":[\"LANG\","
                + "\"_x9\"],\"tools\":[\"search\"],\"tasks\":[]}");
    assertThat(policy.hosts()).extracting(HostPattern::text).containsExactly("api.example.com");
    assertThat(policy.env()).containsExactly("LANG", "_x9");
    assertThat(policy.tools()).containsExactly("search");
    assertThat(policy.tasks()).isEmpty();
    assertThat(TaskPolicy.DEFAULT.tasks()).as("all").isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"allowed_hosts", "env_variables", "tools", "tasks", "retry_on"})
  void grantsThatCannotBe(String option) {
    for (String value : new String[] {"\"x\"", "1", "true", "{}"}) {
      OptionException refused = refused("{\"" + option + "\":" + value + "}");
      assertThat(refused.field()).isEqualTo(option);
      assertThat(refused.allowed()).startsWith("must be a list of ");
    }
    for (String entry : new String[] {"1", "null", "\"\"", "[]", "{}"}) {
      OptionException refused = refused("{\"" + option + "\":[" + entry + "]}");
      assertThat(refused.field()).isEqualTo(option + "[0]");
      assertThat(refused.value()).isEqualTo(entry);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"9x", "a-b", "a b", "A=1", "é", "*", "PATH\u0000", "a\n"})
  void variablesThatCannotBe(String name) {
    OptionException refused =
        refused("{\"env_variables\":[\"OK\"," + new JsonPrimitive(name) + "]}");
    assertThat(refused.field()).isEqualTo("env_variables[1]");
    assertThat(refused.allowed()).contains("name of an environment variable");
  }

  @Test
  void retryOn() throws OptionException {
    assertThat(policy("{}").retryOn()).contains(ErrorType.TIMEOUT, ErrorType.TASK_ERROR);
    assertThat(policy("{}").retryOn()).doesNotContain(ErrorType.OUT_OF_FUEL);
    assertThat(policy("{\"retry_on\":[\"out_of_fuel\"]}").retryOn())
        .containsExactly(ErrorType.OUT_OF_FUEL);
    assertThat(policy("{\"retry_on\":[]}").retryOn()).isEmpty();
    assertThat(refused("{\"retry_on\":[\"timeot\"]}"))
        .hasMessage("retry_on[0]=\"timeot\": is not an error type; did you mean \"timeout\"?");
    assertThat(refused("{\"retry_on\":[\"timeout\",\"cancelled\"]}"))
        .hasMessage("retry_on[1]=\"cancelled\": is never tried again; leave it out");
  }

  @Test
  void disk() throws OptionException {
    assertThat(policy("{}").maxDiskBytes()).isEqualTo(256_000_000);
    assertThat(policy("{\"max_disk\":0}").maxDiskBytes()).isZero();
    assertThat(policy("{\"max_disk\":\"1TB\"}".replace("TB", "GiB")).maxDiskBytes())
        .isEqualTo(1L << 30);
    assertThat(refused("{\"max_disk\":\"lots\"}").allowed()).endsWith("from 0B to 1024GiB");
  }

  @Test
  void nullSaysNothing() throws OptionException {
    assertThat(
            policy(
                "{\"ram\":null,\"timeout\":null,\"compute\":null,\"max_retries\":null,"
                    + "\"allowed_files\":null,\"max_output\":null,\"max_result\":null}"))
        .isEqualTo(TaskPolicy.DEFAULT);
  }

  @Test
  void theCallerWinsOverTheDecorator() throws OptionException {
    Options decorated =
        Options.ofTask(
            json("{\"timeout\":\"1m\",\"ram\":\"100MB\",\"tools\":[\"a\",\"b\"]}"),
            Source.caller(),
            root);
    TaskPolicy called =
        Options.ofCaller(json("{\"timeout\":\"2m\",\"max_retries\":1,\"tools\":[\"c\"]}"), root)
            .over(decorated)
            .policy(List.of());
    assertThat(called.tools()).as("a list replaces the one before").containsExactly("c");
    assertThat(called.timeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(called.memoryBytes()).isEqualTo(100_000_000);
    assertThat(called.maxRetries()).isEqualTo(1);
    assertThat(called.fuel()).isEqualTo(TaskPolicy.DEFAULT.fuel());
  }

  @Test
  void aLongValueIsShownInPart() {
    String value = "x".repeat(10_000);
    assertThat(refused("{\"ram\":\"" + value + "\"}").getMessage()).hasSizeLessThan(500);
  }

  @Test
  void aDecoratorsFaultSaysWhereItStands() {
    OptionException refused =
        assertThatExceptionOfType(OptionException.class)
            .isThrownBy(() ->
                Options.ofTask(json("{\"ram\":\"abc\"}"), Source.declaration("main.py", 7), root))
            .actual();
    assertThat(refused).hasMessageStartingWith("main.py:7: ram=\"abc\": ");
    assertThat(refused.where()).isEqualTo("main.py:7");
  }

  @Test
  void limitsAreShownAsPeopleWriteThem() throws OptionException {
    assertThat(policy("{\"timeout\":\"90m\"}").timeoutText()).isEqualTo("1h30m");
    assertThat(policy("{\"timeout\":\"1.5s\"}").timeoutText()).isEqualTo("1.5s");
    assertThat(policy("{\"timeout\":\"200ms\"}").timeoutText()).isEqualTo("200ms");
    assertThat(policy("{\"timeout\":60}").timeoutText()).isEqualTo("1m");
    assertThat(policy("{\"ram\":\"64MiB\"}").memoryText()).isEqualTo("64MiB");
    assertThat(policy("{\"ram\":41000001}").memoryText()).isEqualTo("41000001B");
  }
}
