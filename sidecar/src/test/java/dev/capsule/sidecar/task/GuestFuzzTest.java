package dev.capsule.sidecar.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.capsule.protocol.ErrorType;
import dev.capsule.sidecar.harness.Fuzz;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever a guest sends, it is one of the few things that it may send, or refused in words. */
@Timeout(value = 3, unit = TimeUnit.HOURS)
class GuestFuzzTest {
  private static final List<String> WORDS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          "\"",
          ",",
          ":",
          "null",
          "true",
          "false",
          "0",
          "1",
          "-1",
          "1e999999999",
          "9223372036854775808",
          "0.1",
          "\\u0000",
          "\\ud800",
          "é",
          "\ud83d\ude00",
          "NaN",
          " ",
          "\n",
          "\"op\":\"call\"",
          "\"op\":\"tool\"",
          "\"op\":\"http\"",
          "\"op\":\"http_send\"",
          "\"op\":\"http_read\"",
          "\"op\":\"http_close\"",
          "\"op\":\"module\"",
          "\"op\":\"cancel\"",
          "\"task\":\"x\"",
          "\"tool\":\"x\"",
          "\"name\":\"x\"",
          "\"args\":[]",
          "\"kwargs\":{}",
          "\"method\":\"GET\"",
          "\"url\":\"http://x/\"",
          "\"headers\":[]",
          "\"body\":\"\"",
          "\"complete\":true",
          "\"id\":1",
          "\"stream\":1",
          "\"options\":{}",
          "\"ok\":",
          "\"error\":{",
          "\"type\":\"timeout\"",
          "\"type\":\"out_of_memory\"",
          "\"message\":\"m\"",
          "\"class\":\"C\"",
          "\"traceback\":\"t\"",
          "\"line\":1",
          "\"column\":-5");
  private static final Set<ErrorType> HOST_SAYS =
      Set.of(
          ErrorType.TIMEOUT,
          ErrorType.OUT_OF_FUEL,
          ErrorType.POLICY_DENIED,
          ErrorType.CANCELLED,
          ErrorType.OVERLOADED,
          ErrorType.WORKER_LOST,
          ErrorType.INTERNAL);
  private static final int MAX_RESULT = 10_000;

  @Test
  void operationsAreKnownOrRefused() {
    Fuzz.run(
        "operations",
        WORDS,
        List.of(
            "{\"op\":\"call\",\"task\":\"x\",\"args\":[1,\"a\"],\"kwargs\":{\"k\":null}}",
            "{\"op\":\"tool\",\"tool\":\"x\",\"args\":[],\"kwargs\":{}}",
            "{\"op\":\"http\",\"method\":\"GET\",\"url\":\"http://x/\",\"headers\":[[\"A\",\"b\"]]}",
            "{\"op\":\"http_send\",\"stream\":1,\"body\":\"eA==\",\"complete\":false}",
            "{\"op\":\"module\",\"name\":\"a.b\"}",
            "{\"op\":\"cancel\",\"id\":3}"),
        GuestFuzzTest::operation);
  }

  private static String operation(byte[] input) {
    Operation operation = Operation.parse(text(input));
    switch (operation) {
      case Operation.Call call -> {
        assertThat(call.args().isArray()).isTrue();
        assertThat(call.kwargs().isObject()).isTrue();
        assertJson(call.args().text());
        assertJson(call.kwargs().text());
      }
      case Operation.Tool tool -> {
        assertJson(tool.args().text());
        assertJson(tool.kwargs().text());
      }
      case Operation.Http http -> assertJson(http.headers().text());
      case Operation.Invalid(String why) -> assertThat(why).isNotBlank().hasSizeLessThan(400);
      case Operation.Import ignored -> {}
      case Operation.HttpSend ignored -> {}
      case Operation.HttpRead ignored -> {}
      case Operation.HttpClose ignored -> {}
      case Operation.Cancel ignored -> {}
    }
    return shorten(operation.toString());
  }

  @Test
  void repliesAreValuesOrErrors() {
    Fuzz.run(
        "replies",
        WORDS,
        List.of(
            "{\"ok\":{\"a\":[1,2.5,null,\"x\"]}}",
            "{\"error\":{\"type\":\"task_error\",\"message\":\"m\",\"class\":\"C\","
                + "\"traceback\":\"t\",\"file\":\"f\",\"line\":1,\"column\":2}}"),
        GuestFuzzTest::reply);
  }

  private static String reply(byte[] input) {
    GuestReply reply = GuestReply.parse(text(input), MAX_RESULT);
    return switch (reply) {
      case GuestReply.Ok(var value) -> {
        assertJson(value.text());
        yield shorten(value.text());
      }
      case GuestReply.Failed(GuestError error) -> {
        assertThat(HOST_SAYS).doesNotContain(error.type());
        assertThat(error.message()).isNotNull();
        yield error.type() + shorten(error.message());
      }
    };
  }

  /** What is passed on to others as JSON must be JSON, by a reader that is not ours. */
  private static void assertJson(String text) {
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      reader.setNestingLimit(100_000);
      reader.skipValue();
      assertThat(reader.peek()).isEqualTo(JsonToken.END_DOCUMENT);
    } catch (IOException e) {
      throw new UncheckedIOException(text, e);
    }
  }

  private static String text(byte[] input) {
    return new String(input, StandardCharsets.UTF_8);
  }

  private static String shorten(String text) {
    String plain = text.replaceAll("[0-9]+", "9");
    return plain.substring(0, Math.min(60, plain.length()));
  }
}
