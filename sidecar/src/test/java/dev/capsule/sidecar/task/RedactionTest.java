package dev.capsule.sidecar.task;

import static org.assertj.core.api.Assertions.assertThat;

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
}
