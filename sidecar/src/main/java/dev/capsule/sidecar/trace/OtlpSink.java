package dev.capsule.sidecar.trace;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends spans on to a collector. What that takes is loaded with the first of them, by the thread
 * that sends them. Those of a trace that its beginner does not keep are not sent.
 */
final class OtlpSink extends BatchingSink {
  private static final List<String> ENDPOINTS =
      List.of("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT");

  private final Map<String, String> environment;
  private final String version;
  private final Consumer<String> log;
  private @Nullable OtlpExporter exporter;
  private long lostSoFar;
  private boolean fails;

  /**
   * @param environment where to, and how
   * @param version of this program
   * @param log told when spans cannot be sent
   */
  OtlpSink(Map<String, String> environment, String version, Consumer<String> log) {
    super("capsule-otlp");
    this.environment = environment;
    this.version = version;
    this.log = log;
  }

  /** Whether somebody says where spans are to be sent. */
  static boolean isWanted(Map<String, String> environment) {
    return ENDPOINTS.stream().anyMatch(name -> !environment.getOrDefault(name, "").isBlank())
        && !environment.getOrDefault("OTEL_SDK_DISABLED", "").equalsIgnoreCase("true")
        && !environment.getOrDefault("OTEL_TRACES_EXPORTER", "").equals("none");
  }

  @Override
  public Level level() {
    return Level.MESSAGES;
  }

  @Override
  protected void deliver(List<Span> spans, long lost) {
    lostSoFar += lost;
    List<Span> kept = spans.stream().filter(Span::sampled).toList();
    if (kept.isEmpty()) {
      return;
    }
    String problem = send(kept);
    if (problem == null) {
      if (fails) {
        log.accept(lostSoFar + " spans could not be sent to the collector; now they are again");
      }
    } else {
      lostSoFar += kept.size();
      if (!fails) {
        log.accept("spans cannot be sent to the collector for now (tasks go on): " + problem);
      }
    }
    fails = problem != null;
  }

  /** Returns why they could not be sent; null: they were. */
  private @Nullable String send(List<Span> spans) {
    try {
      if (exporter == null) {
        exporter = new OtlpExporter(environment, version);
      }
      return exporter.send(spans);
    } catch (RuntimeException | LinkageError e) {
      return String.valueOf(e.getMessage());
    }
  }
}
