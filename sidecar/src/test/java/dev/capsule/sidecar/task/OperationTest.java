package dev.capsule.sidecar.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.protocol.RawJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What guests may ask for, and in which form. */
class OperationTest {
  @Test
  void theThreeThatThereAre() {
    assertThat(
            Operation.parse("{\"op\":\"call\",\"task\":\"t\",\"args\":[1],\"kwargs\":{\"a\":2}}"))
        .isEqualTo(new Operation.Call("t", new RawJson("[1]"), new RawJson("{\"a\":2}")));
    assertThat(Operation.parse("{\"task\":\"t\",\"op\":\"call\"}"))
        .isEqualTo(new Operation.Call("t", RawJson.EMPTY_ARRAY, RawJson.EMPTY_OBJECT));
    assertThat(Operation.parse("{\"op\":\"module\",\"name\":\"m\"}"))
        .isEqualTo(new Operation.Import("m"));
    assertThat(Operation.parse("{\"op\":\"cancel\",\"id\":3}")).isEqualTo(new Operation.Cancel(3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "1",
        "\"call\"",
        "{}",
        "{",
        "{\"op\":\"call\"}",
        "{\"op\":\"call\",\"task\":5}",
        "{\"op\":\"call\",\"task\":null}",
        "{\"op\":\"call\",\"task\":\"t\",\"args\":{}}",
        "{\"op\":\"call\",\"task\":\"t\",\"args\":null}",
        "{\"op\":\"call\",\"task\":\"t\",\"kwargs\":[]}",
        "{\"op\":[],\"task\":\"t\"}",
        "{\"op\":\"CALL\",\"task\":\"t\"}",
        "{\"op\":\"http\",\"name\":\"x\"}",
        "{\"op\":\"module\"}",
        "{\"op\":\"module\",\"name\":5}",
        "{\"op\":\"cancel\"}",
        "{\"op\":\"cancel\",\"id\":\"x\"}",
        "{\"op\":\"cancel\",\"id\":\"1\"}",
        "{\"op\":\"cancel\",\"id\":1.5}",
        "{\"op\":\"cancel\",\"id\":1e400}",
        "{\"op\":\"cancel\",\"id\":99999999999999999999999}",
        "{\"op\":\"cancel\",\"id\":null}",
        "{\"op\":\"cancel\",\"id\":{}}",
        "{\"op\":\"module\",\"name\":\"m\"}{}"
      })
  void anythingElseIsInvalid(String json) {
    Operation operation = Operation.parse(json);
    assertThat(operation).as(json).isInstanceOf(Operation.Invalid.class);
    assertThat(((Operation.Invalid) operation).why())
        .isNotBlank()
        .doesNotContain("Strictness", "http:", "https:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"policy", "options", "ram", "mounts", "timeout", "root", "env", "file"})
  void aCallerCannotGrantAnything(String field) {
    Operation operation =
        Operation.parse("{\"op\":\"call\",\"task\":\"t\",\"" + field + "\":\"4GiB\"}");
    assertThat(operation).isInstanceOf(Operation.Invalid.class);
    assertThat(((Operation.Invalid) operation).why())
        .contains('"' + field + '"')
        .contains("policy");
  }

  @Test
  void depthIsBounded() {
    assertThat(Operation.parse("{\"op\":\"call\",\"task\":\"t\",\"args\":" + "[".repeat(1_000_000)))
        .isInstanceOf(Operation.Invalid.class);
  }
}
