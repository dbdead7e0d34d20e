package dev.capsule.repl.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.protocol.Execution;
import dev.capsule.protocol.HostRequest;
import dev.capsule.protocol.Limits;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatsTest {
  private static final HostRequest ANSWERED =
      new HostRequest("GET", "https://a.example/x", 200, 2_048, 35, null);
  private static final HostRequest FAILED =
      new HostRequest("POST", "https://b.example/", null, 10, 1_500, "connection refused");

  private static Execution execution(List<HostRequest> requests, List<String> lowered) {
    return new Execution(
        "fetch",
        1_234,
        1,
        350_000L,
        36_000_000L,
        requests,
        new Limits(50_000_000_000L, 256_000_000, 30_000, lowered),
        "r",
        "t",
        null,
        false);
  }

  @Test
  void tellsWhatWasUsedOfWhat() {
    assertThat(Stats.of(execution(List.of(), List.of())))
        .isEqualTo("fetch: 1.23 s · fuel 3.5e5 of 5e10 · memory 36 MB of 256 MB · 1 retry");
  }

  @Test
  void tellsOfRequestsAndOfTheCeiling() {
    assertThat(Stats.of(execution(List.of(ANSWERED, FAILED), List.of("ram", "timeout"))).lines())
        .containsExactly(
            "fetch: 1.23 s · fuel 3.5e5 of 5e10 · memory 36 MB of 256 MB · 1 retry · 2 HTTP"
                + " requests, 2.1 KB · lowered by the ceiling: ram, timeout",
            "  GET https://a.example/x: 200, 2.0 KB, 35 ms",
            "  POST https://b.example/: no answer, 10 B, 1.50 s, connection refused");
  }

  @Test
  void manyRequestsDoNotFillTheScreen() {
    assertThat(Stats.of(execution(Collections.nCopies(1_000, ANSWERED), List.of())).lines())
        .hasSize(22)
        .last()
        .isEqualTo("  and 980 more");
  }

  @Test
  void whatIsNotKnownIsLeftOut() {
    var none = new Execution("t", 5, 0, null, null, List.of(), null, "r", "t", null, false);
    assertThat(Stats.of(none)).isEqualTo("t: 5 ms");
  }
}
