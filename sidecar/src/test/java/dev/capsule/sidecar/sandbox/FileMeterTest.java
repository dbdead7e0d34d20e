package dev.capsule.sidecar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Attempts share the handles that the process can spare: what one has, another cannot have. */
class FileMeterTest {
  private final HandleBudget budget = new HandleBudget(300);
  private final FileMeter one = new FileMeter(0, budget);
  private final FileMeter other = new FileMeter(0, budget);

  private static void assertNoneLeft(FileMeter meter, long handles) {
    assertThatThrownBy(() -> meter.reserve(handles))
        .isInstanceOfSatisfying(
            ExceededException.class,
            e -> assertThat(e.ending()).isInstanceOf(Ending.NoHandles.class));
  }

  @Test
  void whatIsReservedIsTakenFromAll() {
    one.reserve(200);
    assertNoneLeft(other, 101);
    other.reserve(100);
    assertNoneLeft(one, 201);
  }

  @Test
  void whoeverHasEnoughTakesNoMore() {
    one.reserve(200);
    one.reserve(1);
    one.reserve(200);
    other.reserve(100);
  }

  @Test
  void aRefusalTakesNothing() {
    one.reserve(200);
    for (int again = 0; again < 10; again++) {
      assertNoneLeft(other, 200);
    }
    other.reserve(100);
  }

  @Test
  void itsEndGivesAllBack() {
    one.reserve(256);
    one.close();
    assertThat(one.hasHandles()).isFalse();
    other.reserve(256);
  }
}
