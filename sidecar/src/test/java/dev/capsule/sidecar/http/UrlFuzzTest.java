package dev.capsule.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.harness.Fuzz;
import dev.capsule.sidecar.policy.Host;
import dev.capsule.sidecar.policy.HostGrants;
import dev.capsule.sidecar.policy.HostPattern;
import dev.capsule.sidecar.policy.OptionException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever text is a URL or a pattern of hosts, it means one host, or is refused in words. */
@Timeout(value = 3, unit = TimeUnit.HOURS)
class UrlFuzzTest {
  private static final List<String> WORDS =
      List.of(
          "http://",
          "https://",
          "HTTP://",
          "ftp://",
          "//",
          ":",
          "/",
          "\\",
          "?",
          "#",
          "@",
          "*",
          "*.",
          ".",
          "..",
          "%2e",
          "%00",
          "[",
          "]",
          "[::1]",
          "::ffff:127.0.0.1",
          "%25eth0",
          "127.0.0.1",
          "0x7f.1",
          "017700000001",
          "2130706433",
          "1.2.3.4.5",
          "example.com",
          "evil.com",
          "localhost",
          "xn--nxasmq6b",
          "ß",
          "é",
          "\u3002",
          "\uff11",
          "\u200d",
          "\u00ad",
          "\u0130",
          "\u212a",
          "\ud83d\ude00",
          ":80",
          ":443",
          ":0",
          ":65536",
          ":+80",
          ":080",
          " ",
          "\t",
          "\r\n",
          "\u0000",
          "-",
          "_",
          "~",
          "{",
          "a");
  private static final HostGrants EXAMPLE = grants("example.com");
  private static final HostGrants BELOW = grants("*.example.com:8080");

  private static HostGrants grants(String pattern) {
    try {
      return new HostGrants(
          List.of(HostPattern.parse("allowed_hosts", new JsonPrimitive(pattern))));
    } catch (OptionException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void urls() {
    Fuzz.run(
        "urls",
        WORDS,
        List.of(
            "http://example.com/a?b=c#d",
            "https://a.example.com:8080",
            "http://[::1]:80/",
            "http://0x7f.1/"),
        input -> url(new String(input, StandardCharsets.UTF_8)));
  }

  private static String url(String text) {
    HttpTarget target;
    try {
      target = HttpTarget.parse(text);
    } catch (HttpFailure e) {
      assertThat(e.text()).isNotBlank().hasSizeLessThan(400);
      return e.text().replaceAll("[0-9]+", "9");
    }
    String shown = target.url();
    assertThat(shown).as("what is sent is plain").matches("[!-~]+");
    if (shown.length() > HttpLimits.MAX_URL_CHARS) {
      return "grew"; // an international name is longer in ASCII, by less than a name may have
    }
    try {
      assertThat(HttpTarget.parse(shown)).as("its canonical form means it").isEqualTo(target);
    } catch (HttpFailure e) {
      throw new AssertionError(shown, e);
    }
    requireWhatOthersRead(target);
    String name = target.host().name();
    if (EXAMPLE.allows(target.scheme(), target.host(), target.port())) {
      assertThat(name).isEqualTo("example.com");
      assertThat(target.port()).isEqualTo(target.isTls() ? 443 : 80);
    }
    if (BELOW.allows(target.scheme(), target.host(), target.port())) {
      assertThat(name).endsWith(".example.com");
      assertThat(target.port()).isEqualTo(8080);
    }
    return target.scheme() + target.host().isAddress() + (target.port() > 443) + name.length();
  }

  /** A server, a proxy or a log that reads the canonical URL sees the host that was checked. */
  private static void requireWhatOthersRead(HttpTarget target) {
    URI uri;
    try {
      uri = new URI(target.url());
    } catch (URISyntaxException e) {
      return; // stricter than the standard in paths: what it does not read it does not misread
    }
    assertThat(uri.getUserInfo()).isNull();
    assertThat(uri.getRawAuthority()).isEqualTo(target.authority());
    if (uri.getHost() != null) { // null for names with an underscore
      assertThat(uri.getHost()).isEqualTo(target.host().text());
      assertThat(uri.getPort()).isIn(-1, target.port());
    }
  }

  @Test
  void patterns() {
    Fuzz.run(
        "patterns",
        WORDS,
        List.of("example.com", "*.example.com", "https://a.example.com:8080", "[::1]:80", "*:443"),
        input -> pattern(new String(input, StandardCharsets.UTF_8)));
  }

  private static String pattern(String text) {
    HostPattern pattern;
    try {
      pattern = HostPattern.parse("allowed_hosts[0]", new JsonPrimitive(text));
    } catch (OptionException e) {
      assertThat(e.allowed()).isNotBlank();
      return "refused " + e.allowed().substring(0, Math.min(40, e.allowed().length()));
    }
    HostGrants grants = new HostGrants(List.of(pattern));
    Host evil = Host.parse("evil.com");
    Host host = pattern.host();
    if (host == null) {
      assertThat(pattern.form()).isEqualTo(HostPattern.Form.ANY);
      assertThat(text).as("all hosts are granted by a star only").contains("*");
    } else {
      assertThat(grants.allows("https", evil, 443))
          .isEqualTo(pattern.matches("https", evil, 443))
          .isIn(false, host.name().equals("evil.com") || host.name().equals("com"));
      assertThat(Host.parse(host.text())).isEqualTo(host);
      assertThat(host.name()).isEqualTo(host.name().strip()).doesNotContain("*", "/", "@", "%");
    }
    return pattern.form() + " " + pattern.scheme() + pattern.port() + pattern.local();
  }
}
