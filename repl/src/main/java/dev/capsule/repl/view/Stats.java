package dev.capsule.repl.view;

import dev.capsule.protocol.Execution;
import dev.capsule.protocol.HostRequest;
import dev.capsule.protocol.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a run used, for people. */
public final class Stats {
  private static final int MOST_REQUESTS = 20;

  private Stats() {}

  /** A line about the run, and one for each of its first HTTP requests. */
  public static String of(Execution execution) {
    Limits limits = execution.limits();
    List<String> parts = new ArrayList<>();
    parts.add(duration(execution.durationMs()));
    if (execution.fuelConsumed() != null) {
      parts.add("fuel " + used(number(execution.fuelConsumed()), limit(limits, true)));
    }
    if (execution.ramUsed() != null) {
      parts.add("memory " + used(bytes(execution.ramUsed()), limit(limits, false)));
    }
    if (execution.retries() > 0) {
      parts.add(count(execution.retries(), "retry", "retries"));
    }
    List<HostRequest> requests = execution.hostRequests();
    if (!requests.isEmpty()) {
      long transferred = requests.stream().mapToLong(HostRequest::bytes).sum();
      parts.add(
          count(requests.size(), "HTTP request", "HTTP requests") + ", " + bytes(transferred));
    }
    if (limits != null && !limits.lowered().isEmpty()) {
      parts.add("lowered by the ceiling: " + String.join(", ", limits.lowered()));
    }
    StringBuilder text = new StringBuilder(execution.taskName() + ": " + String.join(" · ", parts));
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
                bytes(request.bytes()),
                duration(request.durationMs()))
        + (request.error() == null ? "" : ", " + request.error());
  }

  private static @Nullable String limit(@Nullable Limits limits, boolean fuel) {
    if (limits == null) {
      return null;
    }
    return fuel ? number(limits.fuel()) : bytes(limits.ram());
  }

  private static String used(String amount, @Nullable String limit) {
    return limit == null ? amount : amount + " of " + limit;
  }

  private static String count(long number, String one, String many) {
    return number + " " + (number == 1 ? one : many);
  }

  private static String duration(long milliseconds) {
    return milliseconds < 1000
        ? milliseconds + " ms"
        : String.format(Locale.ROOT, "%.2f s", milliseconds / 1000.0);
  }

  /** As compute levels are written: 5e10. */
  private static String number(long value) {
    return value < 100_000
        ? Long.toString(value)
        : String.format(Locale.ROOT, "%.1e", (double) value)
            .replace("e+", "e")
            .replaceFirst("\\.0e", "e")
            .replaceFirst("e0", "e");
  }

  private static String bytes(long value) {
    if (value < 1000) {
      return value + " B";
    }
    double amount = value / 1000.0;
    for (String unit : List.of("KB", "MB")) {
      if (amount < 1000) {
        return String.format(Locale.ROOT, amount < 10 ? "%.1f %s" : "%.0f %s", amount, unit);
      }
      amount /= 1000;
    }
    return String.format(Locale.ROOT, "%.1f GB", amount);
  }
}
