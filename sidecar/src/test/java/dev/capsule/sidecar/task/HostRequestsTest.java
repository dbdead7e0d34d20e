package dev.capsule.sidecar.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.http.HttpOutcome;
import dev.capsule.sidecar.http.HttpTarget;
import dev.capsule.sidecar.policy.Host;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HostRequestsTest {
  private static HttpOutcome outcome(
      String method, String host, String path, @Nullable Integer status, String error) {
    HttpTarget target = new HttpTarget("http", Host.parse(host), 80, path);
    return new HttpOutcome(method, target, status, 1, 2, 3_000_000, error);
  }

  /** Many attempts, each with as many requests as it may make, do not fill the host's memory. */
  @Test
  void onlySoManyAreKeptAndNoneIsLong() {
    HostRequests requests = new HostRequests(List.of("hunter2"));
    for (int i = 0; i < 1_500; i++) {
      requests.add(outcome("GET", "a.test", "/" + "x".repeat(16_000), null, "y".repeat(16_000)));
    }
    assertThat(requests.list()).hasSize(1_000);
    assertThat(requests.list()).allMatch(request -> request.url().length() == 2_000);
    assertThat(requests.list())
        .allMatch(request -> request.error() != null && request.error().length() == 2_000);
  }

  @Test
  void noPartOfARequestTellsASecret() {
    HostRequests requests = new HostRequests(List.of("hunter2"));
    requests.add(outcome("HUNTER2", "hunter2.test", "/?token=x", 200, "no host hunter2.test"));
    assertThat(requests.list().toString())
        .doesNotContainIgnoringCase("hunter2")
        .doesNotContain("=x");
  }
}
