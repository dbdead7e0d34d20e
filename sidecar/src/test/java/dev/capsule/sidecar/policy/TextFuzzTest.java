package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.harness.Fuzz;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever text stands for a size, a time or an amount, it is one within the limits or refused. */
@Timeout(value = 3, unit = TimeUnit.HOURS)
class TextFuzzTest {
  private static final List<String> WORDS =
      List.of(
          "0",
          "1",
          "5",
          "9",
          "256",
          "1.5",
          ".",
          ",",
          "-",
          "+",
          "e",
          "E",
          "_",
          " ",
          "\t",
          "B",
          "KB",
          "mb",
          "GB",
          "TB",
          "KiB",
          "MiB",
          "GiB",
          "gib",
          "ms",
          "s",
          "m",
          "h",
          "d",
          "us",
          "min",
          "1h30m",
          "LOW",
          "medium",
          "High",
          "inf",
          "nan",
          "0x",
          "é",
          "\u0660",
          "\uff11",
          "\u00a0",
          "\u0000",
          "\ud83d\ude00",
          "99999999999999999999",
          "1e999999999",
          "1e-999999999");
  private static final long MIN = 40_000_000L;
  private static final long MAX = 4L << 30;

  private interface Reader {
    String read(JsonElement value) throws OptionException;
  }

  private static void fuzz(String name, List<String> examples, Reader reader) {
    Fuzz.run(
        name,
        WORDS,
        examples,
        input -> {
          String text = new String(input, StandardCharsets.UTF_8);
          String asText = outcome(reader, new JsonPrimitive(text));
          return asText + outcome(reader, number(text));
        });
  }

  /** The text as a number, as far as it is one. */
  private static JsonElement number(String text) {
    try {
      return new JsonPrimitive(new BigDecimal(text));
    } catch (NumberFormatException e) {
      return new JsonPrimitive(true);
    }
  }

  private static String outcome(Reader reader, JsonElement value) {
    try {
      return reader.read(value);
    } catch (OptionException e) {
      assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(1_000);
      return "refused";
    }
  }

  @Test
  void sizes() {
    fuzz(
        "sizes",
        List.of("256MB", "1.5GiB", "41943040", "64 MiB"),
        value -> {
          long size = Sizes.parse("ram", value, MIN, MAX);
          assertThat(size).isBetween(MIN, MAX);
          assertThat(Sizes.parse("ram", new JsonPrimitive(Sizes.show(size)), 0, Long.MAX_VALUE))
              .as("what is shown can be read")
              .isPositive();
          return "size" + Long.numberOfLeadingZeros(size);
        });
  }

  @Test
  void durations() {
    fuzz(
        "durations",
        List.of("500ms", "30s", "5m", "1h30m", "0.25", "86400"),
        value -> {
          Duration duration = Durations.parse("timeout", value);
          assertThat(duration).isBetween(Duration.ofMillis(1), Duration.ofHours(24));
          assertThat(Durations.parse("timeout", new JsonPrimitive(Durations.show(duration))))
              .as("what is shown can be read")
              .isPositive();
          return "duration" + Long.numberOfLeadingZeros(duration.toMillis());
        });
  }

  @Test
  void amountsOfFuel() {
    fuzz(
        "compute",
        List.of("LOW", "medium", "1000000", "1e12"),
        value -> {
          long fuel = Compute.parse("compute", value);
          assertThat(fuel).isBetween(1L, 1_000_000_000_000_000L);
          return "fuel" + Long.numberOfLeadingZeros(fuel);
        });
  }
}
