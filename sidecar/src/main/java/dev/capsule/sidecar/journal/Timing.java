package dev.capsule.sidecar.journal;

import java.time.Duration;

/**
 * How a process keeps its workflows.
 *
 * @param lease for how long they are its own without a sign of life
 * @param renewal how often it gives one
 * @param poll how often it looks whether someone asks to cancel one
 */
record Timing(Duration lease, Duration renewal, Duration poll) {
  static final Timing USUAL =
      new Timing(Duration.ofSeconds(15), Duration.ofSeconds(5), Duration.ofSeconds(1));
}
