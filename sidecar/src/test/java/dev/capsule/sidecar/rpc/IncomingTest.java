package dev.capsule.sidecar.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.protocol.RawJson;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What messages are taken for. */
class IncomingTest {
  private static final long SEED = 815;

  private static Incoming parse(String text) {
    return Incoming.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Incoming.Request request(String text) {
    Incoming message = parse(text);
    assertThat(message).isInstanceOf(Incoming.Request.class);
    return (Incoming.Request) message;
  }

  private static Incoming.Invalid invalid(String text) {
    Incoming message = parse(text);
    assertThat(message).as(text).isInstanceOf(Incoming.Invalid.class);
    return (Incoming.Invalid) message;
  }

  @Test
  void aRequest() {
    assertThat(request("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{\"a\":[1]}}"))
        .isEqualTo(new Incoming.Request(new RawJson("1"), "m", new RawJson("{\"a\":[1]}")));
    assertThat(request(" {\"params\":null,\"method\":\"m\",\"id\":\"x\",\"jsonrpc\":\"2.0\"} \n"))
        .isEqualTo(new Incoming.Request(new RawJson("\"x\""), "m", null));
  }

  @Test
  void anIdIsKeptAsItIs() {
    String message = "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"m\"}";
    assertThat(request(message.formatted("1")).id())
        .isNotEqualTo(request(message.formatted("\"1\"")).id());
    assertThat(request(message.formatted("-7")).id().text()).isEqualTo("-7");
    assertThat(request(message.formatted("123456789012345678901234567890")).id().text())
        .isEqualTo("123456789012345678901234567890");
    assertThat(request(message.formatted("\"\\u0061\"")).id().text()).isEqualTo("\"a\"");
    assertThat(request(message.formatted("\"\"")).id().text()).isEqualTo("\"\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "1.5", "1e3", "true", "[]", "{}", "[1]"})
  void anIdThatIsNone(String id) {
    Incoming.Invalid invalid = invalid("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"m\"}");
    assertThat(invalid.id()).isNull();
    assertThat(invalid.why()).contains("id must be a string or a whole number");
  }

  @Test
  void aHugeIdIsNotEchoed() {
    String message = "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"m\"}";
    for (int digits : new int[] {257, 1000, 100_000}) {
      String huge = "9".repeat(digits);
      assertThat(invalid(message.formatted('"' + huge + '"')).id()).isNull();
      assertThat(parse(message.formatted(huge)))
          .isNotInstanceOf(Incoming.Request.class)
          .isNotInstanceOf(Incoming.Notification.class)
          .asString()
          .hasSizeLessThan(300);
    }
  }

  @Test
  void ofDuplicateKeysTheLastCounts() {
    assertThat(
            request(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"a\",\"method\":\"b\","
                    + "\"params\":{},\"params\":{\"x\":1}}"))
        .isEqualTo(new Incoming.Request(new RawJson("2"), "b", new RawJson("{\"x\":1}")));
  }

  @Test
  void aNotificationHasNoId() {
    assertThat(parse("{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}"))
        .isEqualTo(new Incoming.Notification("exit", null));
  }

  @Test
  void anAnswerIsNoRequest() {
    assertThat(parse("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"method\":\"x\"}}"))
        .isEqualTo(
            new Incoming.Response(new RawJson("1"), new RawJson("{\"method\":\"x\"}"), null));
    assertThat(parse("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{}}"))
        .isEqualTo(new Incoming.Response(new RawJson("1"), null, new RawJson("{}")));
    assertThat(parse("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":null,\"result\":null}"))
        .isEqualTo(new Incoming.Response(new RawJson("1"), new RawJson("null"), null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "}",
        "[",
        "{]",
        "nul",
        "{\"a\"}",
        "{\"a\":}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":1,}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{} {}",
        "{};",
        "//x\n{}",
        "{\"id\":\"\t\"}",
        "{\"id\":\"\\ud800\"}",
        "{\"id\":\"\\udc00\\ud800\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":True}",
        ")]}'\n{}"
      })
  void whatIsNotJsonIsUnreadable(String text) {
    Incoming message = parse(text);
    assertThat(message).as(text).isInstanceOf(Incoming.Unreadable.class);
    assertThat(((Incoming.Unreadable) message).why())
        .startsWith("the message is not JSON: ")
        .doesNotContain("Strictness", "http", "\n");
  }

  @Test
  void whatIsNotUtf8IsUnreadable() {
    for (byte[] bytes :
        new byte[][] {
          {'{', (byte) 0xff, '}'},
          {'"', (byte) 0xc0, (byte) 0x80, '"'}, // an overlong NUL
          {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'}, // a surrogate
          {'"', (byte) 0xe2, (byte) 0x82, '"'}, // cut
          {(byte) 0xfe, (byte) 0xff, 0, '{', 0, '}'}, // UTF-16
        }) {
      assertThat(Incoming.parse(bytes)).isInstanceOf(Incoming.Unreadable.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}]",
        "1",
        "\"x\"",
        "null",
        "true",
        "{}",
        "{\"id\":1,\"method\":\"m\"}",
        "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"m\"}",
        "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"m\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":null}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":1}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":\"x\"}",
        "{\"jsonrpc\":\"2.0\",\"result\":1}"
      })
  void whatIsJsonButNoMessageIsInvalid(String text) {
    assertThat(invalid(text).why()).isNotBlank();
  }

  @Test
  void theIdOfAnInvalidRequestIsTold() {
    assertThat(invalid("{\"jsonrpc\":\"2.0\",\"id\":\"a\"}").id()).isEqualTo(new RawJson("\"a\""));
  }

  @Test
  void depthIsBounded() {
    String message = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":[%s%s]}";
    int inside = 255 - 2;
    assertThat(parse(message.formatted("[".repeat(inside), "]".repeat(inside))))
        .isInstanceOf(Incoming.Request.class);
    for (int depth : new int[] {inside + 1, 300, 1_000_000}) {
      assertThat(parse(message.formatted("[".repeat(depth), "]".repeat(depth))))
          .isInstanceOf(Incoming.Unreadable.class);
    }
    String ignored = "{\"a\":".repeat(300) + "1" + "}".repeat(300);
    assertThat(parse("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"other\":" + ignored + "}"))
        .isInstanceOf(Incoming.Unreadable.class);
  }

  @Test
  void numbersKeepTheirDigitsAndStringsTheirCharacters() {
    String params = "{\"n\":1234567890.12345678901234567890e-5,\"s\":\"\\u0000é😀</\"}";
    RawJson read =
        request("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":" + params + "}")
            .params();
    assertThat(read).isEqualTo(new RawJson(params));
  }

  /** Changed bytes make another message or an error, never an exception. */
  @Test
  void anyBytesAreTakenForSomething() {
    Random random = new Random(SEED);
    byte[] message =
        ("{\"jsonrpc\":\"2.0\",\"id\":\"r1\",\"method\":\"runTask\",\"params\":{\"args\":[1,-2.5e3,"
                + "true,null,\"\\u00e9\\n😀\"],\"kwargs\":{\"k\":{}}}}")
            .getBytes(StandardCharsets.UTF_8);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = message.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] =
            random.nextBoolean()
                ? (byte) random.nextInt()
                : message[random.nextInt(message.length)];
      }
      assertThat(Incoming.parse(bytes)).as("seed %s, round %s", SEED, round).isNotNull();
    }
  }
}
