package dev.capsule.sidecar.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of https://www.w3.org/TR/trace-context/. */
class TraceContextTest {
  private static final String VALID = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  private static TraceContext parse(String parent, String state) {
    return Objects.requireNonNull(TraceContext.parse(parent, state));
  }

  @Test
  void aValidOneIsUnderstood() {
    TraceContext context = parse(VALID, "vendor=1,other=x");
    assertThat(context.traceId()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    assertThat(context.spanId()).isEqualTo("00f067aa0ba902b7");
    assertThat(context.sampled()).isTrue();
    assertThat(context.state()).isEqualTo("vendor=1,other=x");
    assertThat(context.parent()).isEqualTo(VALID);
  }

  @Test
  void flagsOtherThanSampledAreNotPassedOn() {
    assertThat(parse(VALID.replace("-01", "-fe"), "").parent())
        .isEqualTo(VALID.replace("-01", "-00"));
    assertThat(parse(VALID.replace("-01", "-03"), "").parent()).isEqualTo(VALID);
  }

  @Test
  void aLaterVersionMaySayMore() {
    assertThat(parse(VALID.replace("00-4b", "01-4b") + "-what-is-to-come", "").parent())
        .isEqualTo(VALID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-\r\n"
      })
  void othersCountAsNone(String parent) {
    assertThat(TraceContext.parse(parent, "vendor=1")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a=1\r\nEvil: header", "a=\u0000", "ä=1"})
  void aStateThatCouldBeNoHeaderIsLeftOut(String state) {
    assertThat(parse(VALID, state).state()).isNull();
    assertThat(parse(VALID, "a=" + "x".repeat(600)).state()).isNull();
  }
}
