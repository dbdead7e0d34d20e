package dev.capsule.sidecar.harness;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what is to be seen, and never for an amount of time. */
public final class Deadline {
  /** Longer than anything takes on a slow machine: it only ends a test that hangs. */
  public static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final long LOOK_AGAIN_MS = 5;

  private Deadline() {}

  /** Waits until something is so; fails with {@code what} when it takes for ever. */
  public static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain: " + what);
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_AGAIN_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
