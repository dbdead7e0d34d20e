package dev.capsule.repl.view;

import java.util.List;
import java.util.Locale;

/** Times, sizes and numbers as people write them. */
final class Amounts {
  private Amounts() {}

  /** A time that may be short. */
  static String nanos(long nanos) {
    return nanos >= 10_000_000
        ? duration(nanos / 1_000_000)
        : String.format(Locale.ROOT, nanos < 1_000_000 ? "%.2f ms" : "%.1f ms", nanos / 1e6);
  }

  /** A time. */
  static String duration(long milliseconds) {
    return milliseconds < 1000
        ? milliseconds + " ms"
        : String.format(Locale.ROOT, "%.2f s", milliseconds / 1000.0);
  }

  /** As compute levels are written: 5e10. */
  static String number(long value) {
    return value < 100_000
        ? Long.toString(value)
        : String.format(Locale.ROOT, "%.1e", (double) value)
            .replace("e+", "e")
            .replaceFirst("\\.0e", "e")
            .replaceFirst("e0", "e");
  }

  /** A size. */
  static String bytes(long value) {
    if (value < 1000) {
      return value + " B";
    }
    double amount = value / 1000.0;
    for (String unit : List.of("KB", "MB")) {
      if (amount < 1000) {
        return String.format(Locale.ROOT, amount < 10 ? "%.1f %s" : "%.0f %s", amount, unit);
      }
      amount /= 1000;
    }
    return String.format(Locale.ROOT, "%.1f GB", amount);
  }
}
