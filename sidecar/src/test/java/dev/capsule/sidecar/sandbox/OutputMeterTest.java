package dev.capsule.sidecar.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How much of a guest's output is passed on. */
class OutputMeterTest {
  private final StringBuilder out = new StringBuilder();
  private final StringBuilder err = new StringBuilder();
  private final List<String> pieces = new ArrayList<>();

  private OutputMeter meter(long limit) {
    AttemptListener listener =
        new AttemptListener() {
          @Override
          public void started() {}

          @Override
          public void printed(boolean error, String text) {
            pieces.add(text);
            (error ? err : out).append(text);
          }

          @Override
          public @Nullable Runnable submitted(long id, String operation) {
            return null;
          }

          @Override
          public void ended(Ending ending) {}
        };
    return new OutputMeter(listener, limit);
  }

  @Test
  void bothStreamsShareTheLimitAndItIsSaidOnce() {
    OutputMeter meter = meter(10);
    meter.write(false, "12345".getBytes(UTF_8));
    meter.write(true, "123".getBytes(UTF_8));
    meter.write(false, "abc".getBytes(UTF_8));
    meter.write(true, "more".getBytes(UTF_8));
    meter.write(false, "more".getBytes(UTF_8));
    meter.finish();
    assertThat(out).hasToString("12345ab");
    assertThat(err).hasToString("123\n[capsule: output beyond 10 bytes (max_output) is dropped]\n");
  }

  @Test
  void exactlyTheLimitIsNotTooMuch() {
    OutputMeter meter = meter(5);
    meter.write(false, "12345".getBytes(UTF_8));
    meter.write(false, new byte[0]);
    meter.finish();
    assertThat(out).hasToString("12345");
    assertThat(err).isEmpty();
  }

  @Test
  void nothingIsAllowed() {
    OutputMeter meter = meter(0);
    meter.write(false, "x".getBytes(UTF_8));
    assertThat(out).isEmpty();
    assertThat(err.toString()).contains("beyond 0 bytes");
  }

  @Test
  void aCharacterThatIsCutByTheLimitIsReplaced() {
    OutputMeter meter = meter(4);
    meter.write(false, "ab€".getBytes(UTF_8));
    assertThat(out).hasToString("ab\uFFFD");
  }

  @Test
  void halfACharacterWaitsAndEachStreamHasItsOwn() {
    OutputMeter meter = meter(100);
    byte[] euro = "€".getBytes(UTF_8);
    meter.write(false, new byte[] {euro[0], euro[1]});
    meter.write(true, "e".getBytes(UTF_8));
    assertThat(pieces).containsExactly("e");
    meter.write(false, new byte[] {euro[2]});
    assertThat(out).hasToString("€");
    meter.write(true, new byte[] {euro[0]});
    meter.finish();
    assertThat(err).hasToString("e\uFFFD");
  }
}
