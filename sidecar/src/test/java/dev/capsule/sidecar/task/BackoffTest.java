package dev.capsule.sidecar.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pauses between attempts. */
class BackoffTest {
  @ParameterizedTest
  @CsvSource({
    "1, 50",
    "2, 100",
    "3, 200",
    "4, 400",
    "7, 3200",
    "8, 5000",
    "9, 5000",
    "100, 5000",
    "2147483647, 5000"
  })
  void thePauseIsAPartOfWhatDoublesUpToFiveSeconds(int failures, long milliseconds) {
    List<Duration> pauses = new ArrayList<>();
    for (double part : new double[] {0, 0.5, 1}) {
      Backoff backoff =
          new Backoff(
              () -> part,
              (pause, then) -> {
                pauses.add(pause);
                return then;
              });
      var _ = backoff.after(failures, () -> {});
    }
    assertThat(pauses)
        .containsExactly(
            Duration.ZERO,
            Duration.ofMillis(milliseconds).dividedBy(2),
            Duration.ofMillis(milliseconds));
  }

  @Test
  void byTheClockItCallsBackOnceAndNotAfterItWasCalledOff() throws InterruptedException {
    Backoff soon = Backoff.real();
    CountDownLatch called = new CountDownLatch(1);
    var _ = soon.after(1, called::countDown);
    assertThat(called.await(60, TimeUnit.SECONDS)).isTrue();
    AtomicBoolean again = new AtomicBoolean();
    CountDownLatch later = new CountDownLatch(1);
    Backoff.Timer timer = timerOf();
    timer.after(Duration.ofDays(1), () -> again.set(true)).run();
    timer.after(Duration.ofMillis(1), later::countDown);
    assertThat(later.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(again).isFalse();
  }

  private static Backoff.Timer timerOf() {
    return Backoff::sleepThen;
  }
}
