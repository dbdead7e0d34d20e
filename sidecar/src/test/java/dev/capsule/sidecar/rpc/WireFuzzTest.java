package dev.capsule.sidecar.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.Fuzz;
import dev.capsule.sidecar.rpc.FrameReader.Frame;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever bytes a client sends, they are messages or refused in words, and reading goes on. */
@Timeout(value = 3, unit = TimeUnit.HOURS)
class WireFuzzTest {
  private static final int MAX_BODY = 4_000;
  private static final List<String> WORDS =
      List.of(
          "Content-Length: ",
          "Content-Type: x",
          "\r\n",
          "\r\n\r\n",
          "\n",
          ":",
          " ",
          "\t",
          "-1",
          "0",
          "2",
          "99999999999999999999",
          "4000",
          "4001",
          "0x10",
          "1e3",
          "+5",
          "{",
          "}",
          "[",
          "]",
          "\"",
          ",",
          "null",
          "true",
          "\"jsonrpc\":\"2.0\"",
          "\"id\":1",
          "\"id\":",
          "\"method\":\"runTask\"",
          "\"params\":{}",
          "\"result\":1",
          "\"error\":{}",
          "\\u0000",
          "\\ud800",
          "é",
          "\ud83d\ude00",
          "1e999999999",
          "-0",
          "0.5",
          "//",
          "NaN",
          "'x'");

  private static String frame(String body) {
    return "Content-Length: " + body.length() + "\r\n\r\n" + body;
  }

  @Test
  void framesAreReadOrRefused() {
    Fuzz.run(
        "frames",
        WORDS,
        List.of(
            frame("{}") + frame("[]"),
            "content-length:2\r\nX: y\r\n\r\n{}",
            "Content-Length: 5000\r\n\r\n" + "x".repeat(5000) + frame("{}")),
        WireFuzzTest::read);
  }

  private static String read(byte[] input) {
    FrameReader reader = new FrameReader(new ByteArrayInputStream(input), MAX_BODY);
    StringBuilder seen = new StringBuilder();
    try {
      for (int frames = 0; ; frames++) {
        assertThat(frames).as("each frame takes bytes").isLessThanOrEqualTo(input.length + 1);
        switch (reader.next()) {
          case Frame.Body(byte[] body) -> {
            assertThat(body.length).isLessThanOrEqualTo(MAX_BODY);
            if (seen.length() < 40) {
              seen.append('b').append(Integer.numberOfLeadingZeros(body.length));
            }
          }
          case Frame.TooLong(long bytes) -> {
            assertThat(bytes).isGreaterThan(MAX_BODY);
            seen.append('l');
          }
          case Frame.Broken(String why) -> {
            assertThat(why).isNotBlank().hasSizeLessThan(400);
            return seen + why.replaceAll("[^a-z ]", "");
          }
          case Frame.End ignored -> {
            return seen + "end";
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void messagesAreTakenOrRefused() {
    Fuzz.run(
        "messages",
        WORDS,
        List.of(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"runTask\",\"params\":{\"program\":\"x\"}}",
            "{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}",
            "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{\"x\":[1,2.5e3,null]}}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1,\"message\":\"m\"}}"),
        WireFuzzTest::parse);
  }

  private static String parse(byte[] input) {
    Incoming message = Incoming.parse(input);
    switch (message) {
      case Incoming.Request(var id, var method, var params) -> {
        assertThat(id.text()).hasSizeLessThanOrEqualTo(256).matches("(?s)\".*\"|-?[0-9]+");
        assertThat(method).isNotNull();
        assertThat(params == null || params.isObject() || params.isArray()).isTrue();
      }
      case Incoming.Unreadable(String why) -> assertThat(why).isNotBlank().hasSizeLessThan(400);
      case Incoming.Invalid(var ignored, String why) -> assertThat(why).isNotBlank();
      case Incoming.Notification ignored -> {}
      case Incoming.Response ignored -> {}
    }
    String text = message.toString().replaceAll("[0-9]+", "9");
    return text.substring(0, Math.min(60, text.length()));
  }
}
