package dev.capsule.repl.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.Span;
import dev.capsule.protocol.SpanEvent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the page is made of; what a browser makes of it is tested in repl/browser. */
class TracePageTest {
  private static final long START = 1_795_291_200_123_456_789L;
  private static final String HOSTILE =
      "</script><script>alert(1)</script><!-- @SCRIPT@ @STYLE@ <img src=x onerror=alert(1)>";

  private static Span span(String id, String name, long start) {
    return new Span(
        "t",
        id,
        null,
        "task",
        name,
        start,
        7,
        "ok",
        new RawJson("{\"said\":\"</script>\",\"n\":12345678901234567}"),
        List.of(new SpanEvent(start + 1, name, RawJson.EMPTY_OBJECT)));
  }

  @Test
  void textOfATraceCannotEndTheElementThatHoldsIt() {
    String plain = TracePage.of(List.of(span("a", "name", START)), 0);
    String hostile = TracePage.of(List.of(span("a", HOSTILE, START)), 0);

    assertThat(count(hostile, "<")).isEqualTo(count(plain, "<"));
    assertThat(data(hostile).getAsJsonArray("spans").get(0).getAsJsonObject().get("name"))
        .hasToString("\"" + HOSTILE + "\"");
  }

  @Test
  void timesCountFromTheBeginningSoThatNoDigitIsLost() {
    JsonObject data =
        data(TracePage.of(List.of(span("b", "later", START + 5), span("a", "first", START)), 3));

    assertThat(data.get("began").getAsDouble()).isEqualTo(START / 1e6);
    assertThat(data.get("leftOut").getAsInt()).isEqualTo(3);
    JsonObject later = data.getAsJsonArray("spans").get(0).getAsJsonObject();
    assertThat(later.get("start").getAsLong()).isEqualTo(5);
    assertThat(later.getAsJsonArray("events").get(0).getAsJsonObject().get("time").getAsLong())
        .isEqualTo(6);
    assertThat(later.getAsJsonObject("attributes").get("n").getAsString())
        .isEqualTo("12345678901234567");
  }

  @Test
  void thePolicyAllowsThePagesOwnScriptAndStyleOnly() throws Exception {
    String page = TracePage.of(List.of(span("a", HOSTILE, START)), 0);

    String policy = group(page, "Content-Security-Policy\" content=\"([^\"]*)\"");
    assertThat(policy)
        .startsWith("default-src 'none'; ")
        .contains("script-src '" + hash(group(page, "<script>(.*?)</script>")) + "'")
        .contains("style-src '" + hash(group(page, "<style>(.*?)</style>")) + "'")
        .doesNotContain("unsafe", "http", "data:");
  }

  @Test
  void anEmptyTraceIsAPageToo() {
    assertThat(data(TracePage.of(List.of(), 0)).getAsJsonArray("spans")).isEmpty();
  }

  private static JsonObject data(String page) {
    return JsonParser.parseString(group(page, "<script id=\"trace\"[^>]*>(.*?)</script>"))
        .getAsJsonObject();
  }

  private static String group(String page, String pattern) {
    Matcher found = Pattern.compile(pattern, Pattern.DOTALL).matcher(page);
    assertThat(found.find()).as(pattern).isTrue();
    return found.group(1);
  }

  private static long count(String text, String part) {
    return text.split(part, -1).length;
  }

  private static String hash(String text) throws Exception {
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    return "sha256-" + Base64.getEncoder().encodeToString(digest);
  }
}
