package dev.capsule.sidecar.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How much a client may ask for before it has answers. */
class InFlightTest {
  @Test
  void soManyAndNoMoreUntilOneIsAnswered() {
    InFlight inFlight = new InFlight(2, 1000);
    assertThat(inFlight.enter(1)).isNull();
    assertThat(inFlight.enter(1)).isNull();
    assertThat(inFlight.enter(1))
        .isEqualTo(
            "2 requests are waiting or running, the most that one client may have; send the next when"
                + " some have been answered");
    inFlight.leave(1);
    assertThat(inFlight.enter(1)).isNull();
  }

  @Test
  void soManyBytesAndNoMore() {
    InFlight inFlight = new InFlight(10, 1000);
    assertThat(inFlight.enter(999)).isNull();
    assertThat(inFlight.enter(2))
        .contains("the 1 requests", "messages of 999 bytes, and 1,000 are the most");
    assertThat(inFlight.enter(1)).isNull();
    inFlight.leave(999);
    assertThat(inFlight.enter(999)).isNull();
  }

  @Test
  void theLongestMessageThereMayBeIsTaken() {
    assertThat(InFlight.ofThisProcess().enter(Connection.MAX_MESSAGE_BYTES)).isNull();
  }
}
