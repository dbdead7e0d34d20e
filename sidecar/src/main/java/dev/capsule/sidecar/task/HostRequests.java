package dev.capsule.sidecar.task;

import dev.capsule.protocol.HostRequest;
import dev.capsule.sidecar.http.HttpOutcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The HTTP requests of all attempts of a run, as its envelope tells them: without credentials. */
final class HostRequests {
  private static final int MOST = 1_000;
  private static final int MAX_TEXT = 2_000;

  private final Collection<String> secrets;
  private final List<HostRequest> requests = new ArrayList<>();
  private @Nullable Redaction redaction;

  /**
   * @param secrets what must not be told: the values of all environment variables that any task of
   *     the program may see, because tasks hand them on
   */
  HostRequests(Collection<String> secrets) {
    this.secrets = secrets;
  }

  /** Writes down a request; those beyond the first thousand are not kept. */
  synchronized void add(HttpOutcome outcome) {
    if (requests.size() >= MOST) {
      return;
    }
    String error = outcome.error();
    if (redaction == null) {
      redaction = Redaction.of(secrets); // only now, because most tasks make no requests
    }
    requests.add(
        new HostRequest(
            redaction.text(outcome.method()),
            shorten(redaction.url(outcome.target().url())),
            outcome.status(),
            outcome.sent() + outcome.received(),
            TimeUnit.NANOSECONDS.toMillis(outcome.durationNs()),
            error == null ? null : shorten(redaction.text(error))));
  }

  synchronized List<HostRequest> list() {
    return List.copyOf(requests);
  }

  private static String shorten(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 1) + "…";
  }
}
