package dev.capsule.repl.view;

import dev.capsule.protocol.Execution;
import dev.capsule.protocol.HostRequest;
import dev.capsule.protocol.Limits;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a run used, for people. */
public final class Stats {
  private static final int MOST_REQUESTS = 20;

  private Stats() {}

  /** A line about the run, and one for each of its first HTTP requests. */
  public static String of(Execution execution) {
    return of(execution.taskName() + ": ", execution);
  }

  /** The same about a cell, which has no name. */
  public static String ofCell(Execution execution) {
    return of("", execution);
  }

  private static String of(String title, Execution execution) {
    Limits limits = execution.limits();
    List<String> parts = new ArrayList<>();
    parts.add(Amounts.duration(execution.durationMs()));
    if (execution.fuelConsumed() != null) {
      parts.add("fuel " + used(Amounts.number(execution.fuelConsumed()), limit(limits, true)));
    }
    if (execution.ramUsed() != null) {
      parts.add("memory " + used(Amounts.bytes(execution.ramUsed()), limit(limits, false)));
    }
    if (execution.retries() > 0) {
      parts.add(count(execution.retries(), "retry", "retries"));
    }
    List<HostRequest> requests = execution.hostRequests();
    if (!requests.isEmpty()) {
      long transferred = requests.stream().mapToLong(HostRequest::bytes).sum();
      parts.add(
          count(requests.size(), "HTTP request", "HTTP requests")
              + ", "
              + Amounts.bytes(transferred));
    }
    if (limits != null && !limits.lowered().isEmpty()) {
      parts.add("lowered by the ceiling: " + String.join(", ", limits.lowered()));
    }
    StringBuilder text = new StringBuilder(title + String.join(" · ", parts));
    requests.stream().limit(MOST_REQUESTS).forEach(request -> text.append(line(request)));
    if (requests.size() > MOST_REQUESTS) {
      text.append("\n  and ").append(requests.size() - MOST_REQUESTS).append(" more");
    }
    return text.toString();
  }

  private static String line(HostRequest request) {
    return "\n  %s %s: %s, %s, %s"
            .formatted(
                request.method(),
                request.url(),
                request.status() == null ? "no answer" : request.status(),
                Amounts.bytes(request.bytes()),
                Amounts.duration(request.durationMs()))
        + (request.error() == null ? "" : ", " + request.error());
  }

  private static @Nullable String limit(@Nullable Limits limits, boolean fuel) {
    if (limits == null) {
      return null;
    }
    return fuel ? Amounts.number(limits.fuel()) : Amounts.bytes(limits.ram());
  }

  private static String used(String amount, @Nullable String limit) {
    return limit == null ? amount : amount + " of " + limit;
  }

  private static String count(long number, String one, String many) {
    return number + " " + (number == 1 ? one : many);
  }
}
