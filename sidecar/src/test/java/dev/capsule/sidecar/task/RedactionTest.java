package dev.capsule.sidecar.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.protocol.RawJson;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {
  private static final Redaction REDACTION =
      Redaction.of(List.of("Hunter2", "Hunter2-and-more", "a/b+c d==", "kö😀x", "yes"));

  @ParameterizedTest
  @CsvSource({
    "http://a.test/Hunter2/x, http://a.test/***/x",
    "http://hunter2.a.test/, http://***.a.test/",
    "http://a.test/Hunter2-and-more, http://a.test/***",
    "http://a.test/%48unte%722, http://a.test/***",
    "http://a.test/?q=a/b%2Bc+d==, http://a.test/?q=***",
    "http://a.test/?q=a%2fb%2bc%20d%3d%3D&x=1, http://a.test/?q=***&x=1",
    "http://a.test/?q=a/b+c%20d==Hunter2, http://a.test/?q=******",
    "http://a.test/k%C3%B6%F0%9F%98%80x/é, http://a.test/***/é",
    "😀é kö😀x é, 😀é *** é",
    "http://a.test/yes%, http://a.test/yes%",
    "http://a.test/Hunter%2, http://a.test/Hunter%2",
  })
  void valuesAreBlottedOutHoweverTheyAreWritten(String url, String told) {
    assertThat(REDACTION.url(url)).isEqualTo(told);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "key",
        "api_key",
        "apiKey",
        "access_token",
        "client_secret",
        "password",
        "passwd",
        "X-Amz-Signature",
        "X-Amz-Credential",
        "sig",
        "session",
        "auth",
        "id_token"
      })
  void whatAQueryCallsACredentialIsBlottedOut(String name) {
    assertThat(REDACTION.url("http://a.test/?x=1&" + name + "=abc&y=2;" + name + "=def"))
        .isEqualTo("http://a.test/?x=1&" + name + "=***&y=2;" + name + "=***");
  }

  @Test
  void whatIsNoSecretStays() {
    String url = "http://a.test/a/b?page=2&q=monkey%20business#x";
    assertThat(REDACTION.url(url)).isEqualTo(url);
    assertThat(Redaction.of(List.of()).text("Hunter2")).isEqualTo("Hunter2");
  }

  @ParameterizedTest
  @CsvSource({
    "a Hunt|er2 b, a ***| b",
    "H|u|n|t|e|r|2, ***||||||",
    "xHunter2|Hunter2-an|d-more!, x***|***|!",
    "kö😀|x|é, ***||é",
    "Hunter|two, Hunter|two",
    "|Hunter2|, |***|"
  })
  void aValueInPiecesIsFoundToo(String pieces, String told) {
    assertThat(String.join("|", REDACTION.pieces(List.of(pieces.split("\\|", -1)))))
        .isEqualTo(told);
  }

  /** However a value is cut, no part of it is left. */
  @Test
  void noCutHidesAValue() {
    String text = "é Hunter2-and-more 😀 kö😀x Hunter2";
    for (int first = 0; first <= text.length(); first++) {
      for (int second = first; second <= text.length(); second++) {
        List<String> clean =
            REDACTION.pieces(
                List.of(
                    text.substring(0, first),
                    text.substring(first, second),
                    text.substring(second)));
        if (!splitsACharacter(text, first) && !splitsACharacter(text, second)) {
          assertThat(String.join("", clean)).isEqualTo("é *** 😀 *** ***");
        }
      }
    }
  }

  private static boolean splitsACharacter(String text, int at) {
    return at > 0 && at < text.length() && Character.isLowSurrogate(text.charAt(at));
  }

  @Test
  void inJsonValuesAreFoundBehindTheirEscapes() {
    Redaction redaction = Redaction.of(List.of("say \"hi\"\n", "12345"));
    assertThat(
            redaction.json(
                new RawJson(
                    "{\"say \\\"hi\\\"\\n\":[\"x\\u0073ay \\u0022hi\\\"\\ny\",12345,1.50,true,null]}")))
        .isEqualTo("{\"***\":[\"x***y\",***,1.50,true,null]}");
  }

  @Test
  void longTextsAreCutAfterwards() {
    String text = "x".repeat(4_090) + "Hunter2-and-more" + "x".repeat(100_000);
    assertThat(REDACTION.shortText(text)).hasSize(4_096).endsWith("***xx…");
    assertThat(REDACTION.json(new RawJson("[\"" + text + "\",1]"))).hasSizeLessThan(4_200);
    String many = "[" + "1,".repeat(1_000_000) + "1]";
    assertThat(REDACTION.json(new RawJson(many))).hasSize(4_096).startsWith("[1,1,").endsWith("…");
  }
}
