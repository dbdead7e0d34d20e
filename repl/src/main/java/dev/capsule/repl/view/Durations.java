package dev.capsule.repl.view;

import java.util.Locale;

/** Lengths of time, for people. */
final class Durations {
  private Durations() {}

  /** {@code 12 ms}, {@code 1.25 s}, {@code 3 m 02 s}, {@code 2 h 05 m}, {@code 3 d 4 h}. */
  static String of(long milliseconds) {
    long seconds = (milliseconds + 500) / 1000;
    if (milliseconds < 1000) {
      return milliseconds + " ms";
    }
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.2f s", milliseconds / 1000.0);
    }
    if (seconds < 3600) {
      return String.format(Locale.ROOT, "%d m %02d s", seconds / 60, seconds % 60);
    }
    if (seconds < 86_400) {
      return String.format(Locale.ROOT, "%d h %02d m", seconds / 3600, seconds % 3600 / 60);
    }
    return seconds / 86_400 + " d " + seconds % 86_400 / 3600 + " h";
  }
}
