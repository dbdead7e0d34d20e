package dev.capsule.sidecar.task;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A run that a client asked for and all that it leads to, at any depth. Stands for them where cores
 * and sandboxes are shared out, and bounds how many there are.
 */
final class RunTree {
  /** Nested runs that wait or run at once. */
  static final int MAX_OPEN = 10_000;

  private final AtomicInteger open = new AtomicInteger();
  private volatile boolean tooDeep;

  /** Counts one more nested run; false: there are too many. */
  boolean enter() {
    if (open.incrementAndGet() <= MAX_OPEN) {
      return true;
    }
    open.decrementAndGet();
    return false;
  }

  /** A nested run has ended. */
  void leave() {
    open.decrementAndGet();
  }

  /** A call was refused because it was nested too deeply. */
  void sawTooDeep() {
    tooDeep = true;
  }

  /**
   * Whether a call was refused because it was nested too deeply. A program that recurses without
   * end would do so again, and if each depth tried it a few times, that would take for ever.
   */
  boolean isTooDeep() {
    return tooDeep;
  }
}
