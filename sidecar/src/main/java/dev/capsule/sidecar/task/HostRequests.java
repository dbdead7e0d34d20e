package dev.capsule.sidecar.task;

import dev.capsule.protocol.HostRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The HTTP requests of all attempts of a run, as its envelope tells them: without credentials. */
final class HostRequests {
  private static final int MOST = 1_000;
  private static final int MAX_TEXT = 2_000;

  private final Redaction redaction;
  private final List<HostRequest> requests = new ArrayList<>();

  HostRequests(Redaction redaction) {
    this.redaction = redaction;
  }

  /** Writes down a request; those beyond the first thousand are not kept. */
  synchronized void add(
      String method,
      String url,
      @Nullable Integer status,
      long bytes,
      long durationMs,
      @Nullable String error) {
    if (requests.size() < MOST) {
      requests.add(
          new HostRequest(
              method,
              shorten(redaction.url(url)),
              status,
              bytes,
              durationMs,
              error == null ? null : shorten(redaction.text(error))));
    }
  }

  synchronized List<HostRequest> list() {
    return List.copyOf(requests);
  }

  private static String shorten(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 1) + "…";
  }
}
