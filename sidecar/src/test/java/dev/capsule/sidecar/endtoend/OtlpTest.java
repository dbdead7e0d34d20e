package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SidecarProcess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spans that are sent on, as a collector of OpenTelemetry's understands them. */
class OtlpTest {
  private static final String TASKS =
      """
      from capsule import task

      @task
      def parent():
          print("hello")
          return child(1)

      @task
      def child(n):
          return n

      @task
      def fails():
          raise ValueError("no such luck")
      """;

  @TempDir Path folder;
  private HttpServer collector;
  private final List<ResourceSpans> received = new CopyOnWriteArrayList<>();
  private final List<String> headers = new CopyOnWriteArrayList<>();
  private volatile int status = 200;

  @BeforeEach
  void listen() throws IOException {
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    collector.createContext(
        "/v1/traces",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          if (status == 200) {
            received.addAll(ExportTraceServiceRequest.parseFrom(body).getResourceSpansList());
            headers.add(String.valueOf(exchange.getRequestHeaders().getFirst("X-Key")));
          }
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    collector.start();
  }

  @AfterEach
  void stop() {
    collector.stop(0);
  }

  private SidecarProcess sidecar() {
    SidecarProcess sidecar =
        SidecarProcess.start(
            Map.of(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "http://127.0.0.1:" + collector.getAddress().getPort(),
                "OTEL_EXPORTER_OTLP_HEADERS",
                "x-key=open%20sesame",
                "OTEL_SERVICE_NAME",
                "research",
                "OTEL_RESOURCE_ATTRIBUTES",
                "deployment.environment.name=test"));
    sidecar.initialize();
    return sidecar;
  }

  private List<Span> spans() {
    return received.stream()
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  private Span span(String name) {
    return spans().stream().filter(span -> span.getName().equals(name)).findFirst().orElseThrow();
  }

  private static String value(List<KeyValue> attributes, String name) {
    return attributes.stream()
        .filter(each -> each.getKey().equals(name))
        .map(each ->
            each.getValue().hasIntValue()
                ? Long.toString(each.getValue().getIntValue())
                : each.getValue().getStringValue())
        .findFirst()
        .orElse("");
  }

  @Test
  void aCollectorReceivesWhatHappened() {
    try (SidecarProcess sidecar = sidecar()) {
      EnvelopeView run = Program.load(sidecar, folder, TASKS).task("parent").envelope();
      assertThat(run.value().getAsInt()).isEqualTo(1);
      Deadline.await("4 spans", () -> spans().size() >= 4);
      assertThat(spans()).hasSize(4);
      Span root = span("parent");
      assertThat(HexFormat.of().formatHex(root.getTraceId().toByteArray()))
          .isEqualTo(run.execution().get("trace_id").getAsString());
      assertThat(root.getParentSpanId().isEmpty()).isTrue();
      Span attempt =
          spans().stream()
              .filter(each -> each.getParentSpanId().equals(root.getSpanId()))
              .findFirst()
              .orElseThrow();
      assertThat(span("child").getParentSpanId()).isEqualTo(attempt.getSpanId());
      assertThat(value(root.getAttributesList(), "capsule.run_id"))
          .isEqualTo(run.execution().get("run_id").getAsString());
      assertThat(value(root.getAttributesList(), "capsule.fuel.used"))
          .isEqualTo(run.execution().get("fuel_consumed").getAsString());
      assertThat(root.getEndTimeUnixNano()).isGreaterThan(root.getStartTimeUnixNano());
      assertThat(value(attempt.getEvents(0).getAttributesList(), "capsule.output.text"))
          .isEqualTo("hello\n");
      assertThat(value(received.getFirst().getResource().getAttributesList(), "service.name"))
          .isEqualTo("research");
      assertThat(
              value(
                  received.getFirst().getResource().getAttributesList(),
                  "deployment.environment.name"))
          .isEqualTo("test");
      assertThat(received.getFirst().getScopeSpans(0).getSchemaUrl())
          .isEqualTo("https://opentelemetry.io/schemas/1.41.0");
      assertThat(headers).containsOnly("open sesame");
    }
  }

  @Test
  void aFailureIsOne() {
    try (SidecarProcess sidecar = sidecar()) {
      assertThat(Program.load(sidecar, folder, TASKS).task("fails").envelope().success()).isFalse();
      Deadline.await("2 spans", () -> spans().size() >= 2);
      Span root = span("fails");
      assertThat(root.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
      assertThat(root.getStatus().getMessage()).isEqualTo("no such luck");
      assertThat(root.getEvents(0).getName()).isEqualTo("exception");
    }
  }

  @Test
  void whatTheBeginnerOfATraceDoesNotKeepIsNotSent() {
    try (SidecarProcess sidecar = sidecar()) {
      Program program = Program.load(sidecar, folder, TASKS);
      Program.Run unsampled = program.task("child").args(1);
      unsampled
          .params()
          .addProperty("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
      assertThat(unsampled.envelope().success()).isTrue();
      assertThat(program.task("parent").envelope().success()).isTrue();
      Deadline.await("4 spans", () -> spans().size() >= 4);
      assertThat(spans())
          .noneMatch(span ->
              HexFormat.of()
                  .formatHex(span.getTraceId().toByteArray())
                  .equals("4bf92f3577b34da6a3ce929d0e0e4736"));
    }
  }

  @Test
  void aCollectorThatFailsDisturbsNothing() {
    status = 400;
    try (SidecarProcess sidecar = sidecar()) {
      Program program = Program.load(sidecar, folder, TASKS);
      assertThat(program.task("child").args(1).value().getAsInt()).isEqualTo(1);
      Deadline.await(
          "a word about it", () -> sidecar.errors().contains("cannot be sent to the collector"));
      assertThat(sidecar.errors()).doesNotContain("\tat ");
      status = 200;
      assertThat(program.task("child").args(2).value().getAsInt()).isEqualTo(2);
      Deadline.await("spans", () -> spans().size() >= 2);
      Deadline.await("a word about it", () -> sidecar.errors().contains("now they are again"));
    }
  }
}
