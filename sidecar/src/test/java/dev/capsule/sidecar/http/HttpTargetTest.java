package dev.capsule.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.capsule.sidecar.policy.Host;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every URL has one reading or none; every head one message or none. */
class HttpTargetTest {
  @ParameterizedTest
  @CsvSource({
    "http://example.com, http://example.com/",
    "HTTPS://Example.COM.:443/a?b=c#d, https://example.com/a?b=c",
    "http://example.com:8080?x, http://example.com:8080/?x",
    "http://example.com:/x, http://example.com/x",
    "http://evil.test#allowed.test, http://evil.test/",
    "http://evil.test?@allowed.test, http://evil.test/?@allowed.test",
    "http://evil.test/@allowed.test, http://evil.test/@allowed.test",
    "http://2130706433/, http://127.0.0.1/",
    "http://0x7f.1:80/, http://127.0.0.1/",
    "http://0177.0.0.01/, http://127.0.0.1/",
    "http://127.1/, http://127.0.0.1/",
    "http://１２７。0。0。1/, http://127.0.0.1/",
    "http://[::ffff:7f00:1]/, http://127.0.0.1/",
    "http://[::1]:81/, http://[0:0:0:0:0:0:0:1]:81/",
    "http://ⓛocalhost/, http://localhost/",
    "http://example.com//evil.test/, http://example.com//evil.test/",
    "http://example.com/../../x, http://example.com/../../x",
  })
  void oneReading(String url, String canonical) throws HttpFailure {
    assertThat(HttpTarget.parse(url).url()).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "example.com",
        "//example.com",
        "http:",
        "http:/example.com",
        "http:example.com",
        "http://",
        "http:///etc/passwd",
        " http://example.com",
        "http ://example.com",
        "http://example.com ",
        "http://exam ple.com",
        "http://allowed.test@evil.test/",
        "http://user:pass@allowed.test/",
        "http://@evil.test/",
        "http://allowed.test%40evil.test/",
        "http://allowed.test\\@evil.test/",
        "http://allowed.test\\.evil.test/",
        "http://evil.test\\/allowed.test",
        "http:\\\\evil.test",
        "http://evil.test\t/",
        "http://allowed.test\r\nHost: evil.test/",
        "http://allowed.test/\r\nX: y",
        "http://allowed.test/a b",
        "http://allowed.test/\u0000",
        "http://allowed.test/é",
        "http://allowed.test/a\\b",
        "http://allowed.test:0/",
        "http://allowed.test:65536/",
        "http://allowed.test:80:80/",
        "http://allowed.test:+80/",
        "http://allowed.test:8a/",
        "http://::1/",
        "http://[::1/",
        "http://[::1]x/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%1]/",
        "http://[v1.x]/",
        "http://256.0.0.1/",
        "http://1.2.3.4.5/",
        "http://127.0.0.08/",
        "http://0x7g.1/",
        "http://a..b/",
        "http://%6cocalhost/",
        "http://local\u00adhost%2f/",
        "http://*/",
        "http://allowed.test,evil.test/",
        "http://allowed.test;evil.test/",
        "http://faß.de/",
      })
  void noReading(String url) {
    assertThatExceptionOfType(HttpFailure.class)
        .isThrownBy(() -> HttpTarget.parse(url))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(HttpFailure.Kind.INVALID));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "unix:/run/docker.sock",
        "jar:http://example.com!/",
        "javascript:alert(1)",
        "ws://example.com/",
        "data:,x",
      })
  void otherSchemesAreDenied(String url) {
    assertThatExceptionOfType(HttpFailure.class)
        .isThrownBy(() -> HttpTarget.parse(url))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(HttpFailure.Kind.DENIED));
  }

  @Test
  void aUrlHasAnEnd() {
    assertThatExceptionOfType(HttpFailure.class)
        .isThrownBy(() -> HttpTarget.parse("http://example.com/" + "x".repeat(20_000)))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(HttpFailure.Kind.OVERLOADED));
  }

  private static HttpRequestHead head(String method, String name, String value) throws HttpFailure {
    return HttpRequestHead.of(
        method, HttpTarget.parse("http://example.com/"), List.of(new HttpHeader(name, value)));
  }

  @ParameterizedTest
  @CsvSource({
    "'GET /evil HTTP/1.1\r\nX:', X, y",
    "'GET ', X, y",
    "'', X, y",
    "'GET\r\n', X, y",
    "GÉT, X, y",
    "GET, 'X\r\nY', y",
    "GET, 'X:', y",
    "GET, ' X', y",
    "GET, 'X Y', y",
    "GET, '', y",
    "GET, X, 'y\r\nEvil: 1'",
    "GET, X, 'y\nEvil: 1'",
    "GET, X, 'y\rEvil: 1'",
    "GET, X, 'y\r\n Folded'",
    "GET, X, 'y\u0000'",
    "GET, X, 'y\u007f'",
    "GET, X, 'y\u010a\u010d'", // cut to 8 bits they would be CR and LF
    "GET, X, 'y\u2028'",
  })
  void whatCouldSmuggleIsRefused(String method, String name, String value) {
    assertThatExceptionOfType(HttpFailure.class)
        .isThrownBy(() -> head(method, name, value))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(HttpFailure.Kind.INVALID));
  }

  @ParameterizedTest
  @ValueSource(strings = {"CONNECT", "connect", "TRACE", "Track"})
  void methodsThatTunnelOrReflectAreDenied(String method) {
    assertThatExceptionOfType(HttpFailure.class)
        .isThrownBy(() -> head(method, "X", "y"))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(HttpFailure.Kind.DENIED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host",
        "HOST",
        "content-length",
        "Transfer-Encoding",
        "Connection",
        "Keep-Alive",
        "Upgrade",
        "HTTP2-Settings",
        "TE",
        "Trailer",
        "Expect",
        "Proxy-Authorization",
        "proxy-connection",
      })
  void whatTheHostDecidesIsDropped(String name) throws HttpFailure {
    assertThat(head("GET", name, "evil.test").headers()).isEmpty();
  }

  @Test
  void headersHaveLimits() throws HttpFailure {
    HttpTarget target = HttpTarget.parse("http://example.com/");
    List<HttpHeader> many = Collections.nCopies(129, new HttpHeader("X", "y"));
    List<HttpHeader> large = List.of(new HttpHeader("X", "y".repeat(70_000)));
    for (List<HttpHeader> headers : List.of(many, large)) {
      assertThatExceptionOfType(HttpFailure.class)
          .isThrownBy(() -> HttpRequestHead.of("GET", target, headers))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(HttpFailure.Kind.OVERLOADED));
    }
  }

  @Test
  void aHostThatIsKnownIsTheSameAsOneThatIsRead() throws HttpFailure {
    for (String host : List.of("example.com", "127.0.0.1", "[::1]", "a_b.example")) {
      Host known = HttpTarget.parse("http://" + host + "/").host();
      for (String url :
          List.of(
              "https://" + host + ":81/x", "http://other.example/", "http://" + host + ":82/y")) {
        assertThat(HttpTarget.parse(url, known)).isEqualTo(HttpTarget.parse(url));
      }
    }
  }
}
