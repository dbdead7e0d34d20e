package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What holds of every pattern, on many made by chance. */
class RandomHostPatternsTest {
  private static final long SEED = 20_261_121;
  private static final int ROUNDS = 40_000;
  private static final List<String> SCHEMES = List.of("http", "https");
  private static final List<String> HOSTS =
      List.of(
          "example.com",
          "a.example.com",
          "b.a.example.com",
          "com",
          "localhost",
          "x.localhost",
          "127.0.0.1",
          "10.0.0.1",
          "8.8.8.8",
          "[::1]",
          "[2606:4700::1]");
  private static final List<Integer> PORTS = List.of(80, 443, 8080);
  private static final List<String> PIECES =
      List.of(
          "http://",
          "https://",
          "HTTPS://",
          "ftp://",
          "*",
          "*.",
          ".",
          ":",
          ":80",
          ":443",
          ":8080",
          ":99999",
          "example.com",
          "Example.COM",
          "a.",
          "b.",
          "com",
          "localhost",
          "127.0.0.1",
          "0x7f.1",
          "[::1]",
          "[",
          "]",
          "@",
          "/",
          "\\",
          "%",
          "#",
          "?",
          " ",
          "\n",
          "\0",
          "ß",
          "é",
          "\ud800",
          "１",
          "。",
          "-",
          "_",
          "xn--",
          "a".repeat(64));

  private final Random random = new Random(SEED);

  private static @Nullable HostPattern parse(String text) {
    try {
      return HostPattern.parse("field", new JsonPrimitive(text));
    } catch (OptionException e) {
      assertThat(e.allowed()).isNotBlank();
      return null;
    }
  }

  private String junk() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(5); i >= 0; i--) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }

  private HostPattern likely() {
    while (true) {
      String host = HOSTS.get(random.nextInt(HOSTS.size()));
      String text =
          (random.nextInt(3) == 0 ? SCHEMES.get(random.nextInt(2)) + "://" : "")
              + (random.nextInt(6) == 0 ? "*" : (random.nextInt(3) == 0 ? "*." : "") + host)
              + (random.nextInt(3) == 0 ? ":" + PORTS.get(random.nextInt(3)) : "");
      HostPattern pattern = parse(text);
      if (pattern != null) {
        return pattern;
      }
    }
  }

  @Test
  void junkIsRefusedAndWhatIsTakenMeansOneThing() {
    int taken = 0;
    for (int i = 0; i < ROUNDS; i++) {
      String text = junk();
      HostPattern pattern = parse(text);
      if (pattern == null) {
        continue;
      }
      taken++;
      assertThat(pattern.text()).isEqualTo(text);
      Host host = pattern.host();
      if (host != null) {
        assertThat(host.name()).as(text).matches("[a-z0-9._:-]+").doesNotEndWith(".");
        assertThat(Host.parse(host.text())).as(text).isEqualTo(host);
      }
      assertThat(pattern.local()).as(text).isEqualTo(pattern.form() == HostPattern.Form.EXACT);
      assertThat(pattern.covers(pattern) || pattern.form() != HostPattern.Form.EXACT)
          .as(text)
          .isTrue();
    }
    assertThat(taken).isGreaterThan(ROUNDS / 100);
  }

  /** A ceiling never lets through more than it says itself. */
  @Test
  void whatACeilingCoversItAllows() {
    int covered = 0;
    for (int i = 0; i < ROUNDS; i++) {
      HostPattern asked = likely();
      List<HostPattern> ceiling = new ArrayList<>(List.of(likely(), likely()));
      HostPattern granted = asked.within(ceiling);
      if (granted == null) {
        continue;
      }
      covered++;
      HostGrants given = new HostGrants(List.of(granted));
      HostGrants limit = new HostGrants(ceiling);
      for (String scheme : SCHEMES) {
        for (String name : HOSTS) {
          Host host = Host.parse(name);
          for (int port : PORTS) {
            if (given.allows(scheme, host, port)) {
              assertThat(limit.allows(scheme, host, port))
                  .as("%s within %s: %s://%s:%s", asked, limit, scheme, name, port)
                  .isTrue();
            }
            for (String at : List.of("127.0.0.1", "10.0.0.1", "169.254.169.254")) {
              var address = Objects.requireNonNull(Host.parse(at).address());
              if (given.allows(scheme, host, port, address)) {
                assertThat(limit.allows(scheme, host, port, address))
                    .as("%s within %s: %s://%s:%s at %s", asked, limit, scheme, name, port, at)
                    .isTrue();
              }
            }
          }
        }
      }
    }
    assertThat(covered).isGreaterThan(ROUNDS / 100);
  }
}
