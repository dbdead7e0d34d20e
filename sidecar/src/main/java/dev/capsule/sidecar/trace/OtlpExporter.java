package dev.capsule.sidecar.trace;

import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.exporter.otlp.internal.OtlpSpanExporterProvider;
import io.opentelemetry.sdk.autoconfigure.ResourceConfiguration;
import io.opentelemetry.sdk.autoconfigure.spi.internal.DefaultConfigProperties;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** OpenTelemetry's own exporter, which understands OpenTelemetry's own environment variables. */
final class OtlpExporter {
  /** Longer than the exporter itself tries. */
  private static final long PATIENCE_SECONDS = 60;

  private static final String PROTOCOL = "http/protobuf";

  /** It would write to standard error as it likes; kept, because loggers are else forgotten. */
  private static final Logger QUIET = Logger.getLogger("io.opentelemetry");

  private final SpanExporter exporter;
  private final Resource resource;
  private final InstrumentationScopeInfo scope;

  /**
   * @throws RuntimeException if the environment says what cannot be
   */
  OtlpExporter(Map<String, String> environment, String version) {
    QUIET.setLevel(java.util.logging.Level.OFF);
    Map<String, String> settings = new HashMap<>();
    environment.forEach((name, value) -> {
      if (name.startsWith("OTEL_")) {
        settings.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
      }
    });
    String protocol =
        settings.getOrDefault(
            "otel.exporter.otlp.traces.protocol",
            settings.getOrDefault("otel.exporter.otlp.protocol", PROTOCOL));
    if (!protocol.equals(PROTOCOL)) {
      throw new IllegalArgumentException(
          "OTEL_EXPORTER_OTLP_PROTOCOL is " + protocol + ", but only " + PROTOCOL + " is spoken");
    }
    settings.put("otel.exporter.otlp.traces.protocol", PROTOCOL);
    settings.putIfAbsent("otel.service.name", "capsule");
    DefaultConfigProperties config =
        DefaultConfigProperties.create(
            settings, ComponentLoader.forClassLoader(OtlpExporter.class.getClassLoader()));
    exporter = new OtlpSpanExporterProvider().createExporter(config);
    resource = Resource.getDefault().merge(ResourceConfiguration.createEnvironmentResource(config));
    scope =
        InstrumentationScopeInfo.builder("capsule")
            .setVersion(version)
            .setSchemaUrl(Names.SCHEMA)
            .build();
  }

  /** Returns why they could not be sent; null: they were. */
  @Nullable String send(List<Span> spans) {
    List<SpanData> data =
        spans.stream().<SpanData>map(span -> new OtlpSpan(span, resource, scope)).toList();
    CompletableResultCode sent = exporter.export(data).join(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (sent.isSuccess()) {
      return null;
    }
    Throwable problem = sent.getFailureThrowable();
    return problem == null ? "it does not take them" : problem.toString();
  }
}
