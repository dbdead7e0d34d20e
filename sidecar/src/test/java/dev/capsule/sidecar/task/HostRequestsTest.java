package dev.capsule.sidecar.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HostRequestsTest {
  /** Many attempts, each with as many requests as it may make, do not fill the host's memory. */
  @Test
  void onlySoManyAreKeptAndNoneIsLong() {
    HostRequests requests = new HostRequests(List.of("hunter2"));
    for (int i = 0; i < 1_500; i++) {
      requests.add("GET", "http://a.test/" + "x".repeat(16_000), null, 0, 0, "y".repeat(16_000));
    }
    assertThat(requests.list()).hasSize(1_000);
    assertThat(requests.list()).allMatch(request -> request.url().length() == 2_000);
    assertThat(requests.list())
        .allMatch(request -> request.error() != null && request.error().length() == 2_000);
  }

  @Test
  void noPartOfARequestTellsASecret() {
    HostRequests requests = new HostRequests(List.of("hunter2"));
    requests.add("HUNTER2", "http://hunter2.test/?token=x", 200, 1, 2, "no host hunter2.test");
    assertThat(requests.list().toString())
        .doesNotContainIgnoringCase("hunter2")
        .doesNotContain("=x");
  }
}
