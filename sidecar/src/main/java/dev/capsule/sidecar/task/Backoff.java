package dev.capsule.sidecar.task;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/**
 * The pause before another attempt: exponential backoff with full jitter, a random part of 50 ms,
 * 100 ms, 200 ms … 5 s, so that tasks that failed together do not come back together. Nothing is
 * held meanwhile but the task's arguments.
 */
final class Backoff {
  static final Duration FIRST = Duration.ofMillis(50);
  static final Duration LONGEST = Duration.ofSeconds(5);

  /** Has something done later. */
  interface Timer {
    /**
     * Calls {@code then} once, on another thread, after a pause.
     *
     * @return what calls it off, if it has not begun
     */
    Runnable after(Duration pause, Runnable then);
  }

  private final DoubleSupplier random;
  private final Timer timer;

  /**
   * @param random numbers from 0 (inclusive) to 1 (exclusive)
   */
  Backoff(DoubleSupplier random, Timer timer) {
    this.random = random;
    this.timer = timer;
  }

  /** One by the clock, with random numbers. */
  static Backoff real() {
    return new Backoff(() -> ThreadLocalRandom.current().nextDouble(), Backoff::sleepThen);
  }

  static Runnable sleepThen(Duration pause, Runnable then) {
    return Thread.ofVirtual()
            .name("capsule-backoff")
            .start(() -> {
              try {
                Thread.sleep(pause);
              } catch (InterruptedException e) {
                return; // called off
              }
              then.run();
            })
        ::interrupt;
  }

  /**
   * Calls {@code then} after the pause that follows so many failures.
   *
   * @param failures at least 1
   * @return what calls it off
   */
  Runnable after(int failures, Runnable then) {
    long longest = FIRST.toMillis() << Math.min(failures - 1, 30);
    long most = Math.min(longest, LONGEST.toMillis());
    return timer.after(Duration.ofNanos((long) (random.getAsDouble() * most * 1e6)), then);
  }
}
