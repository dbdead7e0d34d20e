package dev.capsule.sidecar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.channels.FileLockInterruptionException;
import org.junit.jupiter.api.Test;

/** How an attempt ends that was stopped while it was made ready. */
class StoppedAttemptTest {
  /** A workflow would take it for the failure of its step. */
  @Test
  void whateverItsInterruptedThreadFailsByItIsNoFault() {
    try (GuestKit kit = new GuestKit()) {
      assertThat(kit.cancelAndFail(new UncheckedIOException(new FileLockInterruptionException())))
          .isInstanceOf(Ending.Cancelled.class);
    }
  }
}
