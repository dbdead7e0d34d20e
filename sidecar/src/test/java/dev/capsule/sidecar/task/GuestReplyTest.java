package dev.capsule.sidecar.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.RawJson;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is believed of a guest's reply. */
class GuestReplyTest {
  private static final long MAX = 1000;
  private static final long SEED = 3_141;

  private static GuestError error(String json) {
    GuestReply reply = GuestReply.parse(json, MAX);
    assertThat(reply).as(json).isInstanceOf(GuestReply.Failed.class);
    return ((GuestReply.Failed) reply).error();
  }

  @Test
  void aResult() {
    assertThat(GuestReply.parse("{\"ok\":{\"error\":{\"type\":\"timeout\"}}}", MAX))
        .isEqualTo(new GuestReply.Ok(new RawJson("{\"error\":{\"type\":\"timeout\"}}")));
    assertThat(GuestReply.parse("{\"ok\":null}", MAX)).isEqualTo(new GuestReply.Ok(RawJson.NULL));
  }

  @Test
  void anError() {
    GuestError error =
        error(
            "{\"error\":{\"type\":\"source_error\",\"message\":\"m\",\"class\":\"C\","
                + "\"traceback\":\"t\",\"file\":\"f\",\"line\":3,\"column\":4,\"more\":[{}]}}");
    assertThat(error).isEqualTo(new GuestError(ErrorType.SOURCE_ERROR, "m", "C", "t", "f", 3, 4));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "timeout",
        "policy_denied",
        "cancelled",
        "overloaded",
        "worker_lost",
        "internal",
        "out_of_fuel",
        "",
        "TASK_ERROR",
        "nonsense"
      })
  void whatOnlyTheHostDecidesIsNotBelieved(String type) {
    assertThat(error("{\"error\":{\"type\":\"" + type + "\",\"message\":\"m\"}}").type())
        .isEqualTo(ErrorType.TASK_ERROR);
  }

  @ParameterizedTest
  @CsvSource({
    "null, ",
    "1, 1",
    "-5, 1",
    "0, 1",
    "'\"7\"', ",
    "1e400, ",
    "99999999999, ",
    "{}, ",
    "1.5, ",
    "1E99999999999, "
  })
  void aLineIsANumberOrNothing(String line, Integer read) {
    assertThat(error("{\"error\":{\"line\":" + line + ",\"message\":\"m\"}}"))
        .isEqualTo(new GuestError(ErrorType.TASK_ERROR, "m", null, null, null, read, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "1",
        "\"ok\"",
        "{}",
        "{\"ok\"}",
        "{\"ok\":}",
        "{\"ok\":1",
        "{\"ok\":1}}",
        "{\"ok\":1}{\"ok\":2}",
        "{\"ok\":1,\"error\":{}}",
        "{\"what\":1}",
        "{\"ok\":NaN}",
        "{\"error\":null}",
        "{\"error\":[]}",
        "{\"error\":\"x\"}",
        "{\"error\":{\"message\":[]}}",
        "{\"error\":{\"type\":{}}}",
        "{\"ok\":'x'}",
        "{\"ok\":01}"
      })
  void whatIsNoReplyIsAnErrorOfTheTask(String json) {
    assertThat(error(json)).isEqualTo(GuestError.malformed());
  }

  @Test
  void depthAndLengthAreBounded() {
    assertThat(error("{\"ok\":" + "[".repeat(100_000)).type()).isEqualTo(ErrorType.INVALID_RESULT);
    assertThat(error("{\"ok\":\"" + "x".repeat(10 << 20) + "\"}").type())
        .isEqualTo(ErrorType.INVALID_RESULT);
    GuestError error = error("{\"error\":{\"message\":\"" + "x".repeat(3 << 20) + "\"}}");
    assertThat(error.message()).hasSizeBetween(1 << 20, (1 << 20) + 1);
  }

  @Test
  void anyTextIsTakenForSomething() {
    Random random = new Random(SEED);
    String reply =
        "{\"error\":{\"type\":\"task_error\",\"message\":\"m\",\"class\":null,\"line\":12}}";
    for (int round = 0; round < 20_000; round++) {
      StringBuilder changed = new StringBuilder(reply);
      for (int i = random.nextInt(4); i >= 0; i--) {
        changed.setCharAt(
            random.nextInt(changed.length()), reply.charAt(random.nextInt(reply.length())));
      }
      assertThat(GuestReply.parse(changed.toString(), MAX)).as("seed %s", SEED).isNotNull();
      assertThat(Operation.parse(changed.toString())).isInstanceOf(Operation.Invalid.class);
    }
  }
}
