package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What entries of {@code allowed_hosts} may say, what they allow, and what a ceiling makes of them.
 */
class HostPatternTest {
  private static HostPattern pattern(String text) {
    try {
      return HostPattern.parse("allowed_hosts[0]", new JsonPrimitive(text));
    } catch (OptionException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean matches(String pattern, String scheme, String host, int port) {
    return pattern(pattern).matches(scheme, Host.parse(host), port);
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, http, example.com, 80",
    "example.com, https, example.com, 443",
    "Example.COM., https, example.com, 443",
    "example.com, https, EXAMPLE.com., 443",
    "*.example.com, https, a.example.com, 443",
    "*.example.com, https, a.b.example.com, 443",
    "example.com:8080, http, example.com, 8080",
    "example.com:8080, https, example.com, 8080",
    "https://example.com, https, example.com, 443",
    "HTTP://example.com:81, http, example.com, 81",
    "*, http, anything.test, 8080",
    "*:8443, https, anything.test, 8443",
    "https://*, https, anything.test, 443",
    "127.0.0.1:8080, http, 2130706433, 8080",
    "0x7f.1, http, 127.0.0.1, 80",
    "127.0.0.1, http, [::ffff:127.0.0.1], 80",
    "[::1]:8080, http, [0:0::1], 8080",
    "bücher.example, http, xn--bcher-kva.example, 80",
    "xn--bcher-kva.example, http, BÜCHER.example, 80",
    "my_db, http, my_db, 80",
  })
  void matches(String pattern, String scheme, String host, String port) {
    assertThat(matches(pattern, scheme, host, Integer.parseInt(port))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, http, example.com, 8080",
    "example.com, https, example.com, 80",
    "example.com, http, example.com, 443",
    "example.com, http, a.example.com, 80",
    "example.com, http, notexample.com, 80",
    "example.com, http, example.com.evil.test, 80",
    "*.example.com, http, example.com, 80",
    "*.example.com, http, evilexample.com, 80",
    "*.1, http, 127.0.0.1, 80",
    "example.com:8080, http, example.com, 80",
    "https://example.com, http, example.com, 80",
    "https://example.com, http, example.com, 443",
    "https://*, http, example.com, 80",
    "*:8443, http, example.com, 80",
    "127.0.0.1, http, 127.0.0.2, 80",
  })
  void doesNotMatch(String pattern, String scheme, String host, String port) {
    if (pattern.equals("*.1")) {
      refused(pattern);
    } else {
      assertThat(matches(pattern, scheme, host, Integer.parseInt(port))).isFalse();
    }
  }

  private static OptionException refused(String text) {
    return assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() -> HostPattern.parse("allowed_hosts[3]", new JsonPrimitive(text)))
        .actual();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "a b",
        "example.com ",
        "a\nb",
        "a\u0000",
        ".",
        "..",
        "a..b",
        ".example.com",
        "example.com..",
        "-a.com",
        "a-.com",
        "ftp://example.com",
        "file:///etc/passwd",
        "://example.com",
        "https://",
        "user@example.com",
        "https://user:pass@example.com",
        "example.com/",
        "https://example.com/path",
        "example.com?x",
        "example.com#x",
        "example.com\\x",
        "example.com:",
        "example.com:0",
        "example.com:65536",
        "example.com:-1",
        "example.com:http",
        "example.com:80:80",
        "example.com:٣",
        "::1",
        "[::1",
        "[::1]x",
        "[fe80::1%eth0]",
        "[127.0.0.1]",
        "[]",
        "256.1.1.1",
        "1.2.3.4.5",
        "0x",
        "08.1.1.1",
        "example.1",
        "**",
        "*example.com",
        "*.*.com",
        "a.*.com",
        "example.*",
        "*.",
        "*.127.0.0.1",
        "*://example.com",
        "ex%61mple.com",
        "faß.de",
        "a\u200db.de",
        "a\u3002\u3002b",
        "exa／mple.com",
        "example.com＠evil.test",
      })
  void isRefusedInWords(String text) {
    OptionException refusal = refused(text);
    assertThat(refusal.field()).isEqualTo("allowed_hosts[3]");
    assertThat(refusal.allowed()).isNotBlank().doesNotContain("Exception");
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "null", "true", "[\"a\"]", "{}"})
  void onlyTextIsAPattern(String json) {
    assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() -> HostPattern.parse("allowed_hosts[0]", JsonParser.parseString(json)));
  }

  @Test
  void hintsSayWhatToWrite() {
    assertThat(refused("https://example.com/v1").allowed()).contains("\"https://example.com\"");
    assertThat(refused("::1").allowed()).contains("[::1]");
    assertThat(refused("api.*.com").allowed()).contains("*.example.com");
    assertThat(refused("x".repeat(300)).allowed()).contains("253");
  }

  @ParameterizedTest
  @CsvSource({
    "*, *",
    "*, *.example.com",
    "*, https://example.com:99",
    "*, *:99",
    "*:99, example.com:99",
    "https://*, https://example.com",
    "https://*, https://example.com:443",
    "*.example.com, a.example.com",
    "*.example.com, *.example.com",
    "*.example.com, *.a.example.com",
    "*.example.com, https://*.example.com",
    "example.com, example.com",
    "example.com, https://example.com",
    "example.com, http://example.com:80",
    "EXAMPLE.com., example.com",
    "localhost:80, http://localhost",
    "127.0.0.1, 127.1",
    "*, 8.8.8.8",
  })
  void covers(String ceiling, String asked) {
    assertThat(pattern(ceiling).covers(pattern(asked))).isTrue();
    assertThat(pattern(asked).within(List.of(pattern("other.test"), pattern(ceiling)))).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "*.example.com, *",
    "*.example.com, example.com",
    "*.a.example.com, *.example.com",
    "example.com, *.example.com",
    "example.com, a.example.com",
    "example.com, example.com:80",
    "example.com, example.com:8080",
    "https://example.com, example.com",
    "http://example.com, https://example.com",
    "*:99, *",
    "https://*, *",
    "https://*, example.com",
    "*, localhost",
    "*, localhost:8080",
    "*, a.localhost",
    "*, 127.0.0.1",
    "*, 2130706433",
    "*, 10.0.0.1",
    "*, 169.254.169.254",
    "*, [::ffff:169.254.169.254]",
    "*, [64:ff9b::a9fe:a9fe]",
    "*.localhost, a.localhost",
  })
  void doesNotCover(String ceiling, String asked) {
    assertThat(pattern(ceiling).covers(pattern(asked))).isFalse();
    assertThat(pattern(asked).within(List.of(pattern(ceiling)))).isNull();
  }

  @Test
  void aWildcardInTheCeilingTakesBackWhatANameMayReach() {
    HostPattern asked = pattern("db.example.com");
    HostPattern wild = pattern("*.example.com");
    assertThat(asked.local()).isTrue();
    assertThat(asked.within(List.of(wild)))
        .isEqualTo(
            new HostPattern(
                asked.text(), null, HostPattern.Form.EXACT, asked.host(), asked.port(), false));
    assertThat(asked.within(List.of(wild, pattern("db.example.com")))).isEqualTo(asked);
    assertThat(wild.within(List.of(pattern("*")))).isEqualTo(wild);
  }
}
