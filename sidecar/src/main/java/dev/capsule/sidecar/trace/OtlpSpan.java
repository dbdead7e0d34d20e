package dev.capsule.sidecar.trace;

import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.List;

/** A span as OpenTelemetry's exporters take it. */
final class OtlpSpan implements SpanData {
  private static final String KIND = "capsule.kind";

  private final Span span;
  private final Resource resource;
  private final InstrumentationScopeInfo scope;
  private final io.opentelemetry.api.common.Attributes attributes;

  OtlpSpan(Span span, Resource resource, InstrumentationScopeInfo scope) {
    this.span = span;
    this.resource = resource;
    this.scope = scope;
    AttributesBuilder all = io.opentelemetry.api.common.Attributes.builder();
    all.put(KIND, span.kind().wireName());
    add(span.attributes(), all);
    this.attributes = all.build();
  }

  private static void add(Attributes from, AttributesBuilder to) {
    from.forEach((name, value) -> {
      switch (value) {
        case Long number -> to.put(name, (long) number);
        case Boolean truth -> to.put(name, (boolean) truth);
        case List<?> list ->
            to.put(name, list.stream().map(Object::toString).toArray(String[]::new));
        default -> to.put(name, value.toString());
      }
    });
  }

  @Override
  public String getName() {
    return span.name();
  }

  @Override
  public SpanKind getKind() {
    return span.kind() == Kind.HTTP ? SpanKind.CLIENT : SpanKind.INTERNAL;
  }

  @Override
  public SpanContext getSpanContext() {
    return context(span.spanId());
  }

  @Override
  public SpanContext getParentSpanContext() {
    return span.parentId() == null ? SpanContext.getInvalid() : context(span.parentId());
  }

  private SpanContext context(String id) {
    return SpanContext.create(span.traceId(), id, TraceFlags.getSampled(), TraceState.getDefault());
  }

  @Override
  public StatusData getStatus() {
    if (span.status() == Status.OK) {
      return StatusData.unset(); // by the specification only applications say that all is well
    }
    String[] message = {span.status().wireName()};
    span.attributes()
        .forEach((name, value) -> {
          if (name.equals(Names.ERROR_MESSAGE)) {
            message[0] = value.toString();
          }
        });
    return StatusData.create(io.opentelemetry.api.trace.StatusCode.ERROR, message[0]);
  }

  @Override
  public long getStartEpochNanos() {
    return span.start();
  }

  @Override
  public long getEndEpochNanos() {
    return span.start() + span.durationNs();
  }

  @Override
  public io.opentelemetry.api.common.Attributes getAttributes() {
    return attributes;
  }

  @Override
  public int getTotalAttributeCount() {
    return attributes.size();
  }

  @Override
  public List<EventData> getEvents() {
    return span.events().stream().map(OtlpSpan::event).toList();
  }

  private static EventData event(Span.Event event) {
    AttributesBuilder attributes = io.opentelemetry.api.common.Attributes.builder();
    add(event.attributes(), attributes);
    return EventData.create(event.time(), event.name(), attributes.build());
  }

  @Override
  public int getTotalRecordedEvents() {
    return span.events().size();
  }

  @Override
  public List<LinkData> getLinks() {
    return List.of();
  }

  @Override
  public int getTotalRecordedLinks() {
    return 0;
  }

  @Override
  public boolean hasEnded() {
    return true;
  }

  @Override
  public Resource getResource() {
    return resource;
  }

  @Override
  public InstrumentationScopeInfo getInstrumentationScopeInfo() {
    return scope;
  }

  @Override
  @SuppressWarnings("deprecation") // the interface still asks for it
  public io.opentelemetry.sdk.common.InstrumentationLibraryInfo getInstrumentationLibraryInfo() {
    return io.opentelemetry.sdk.common.InstrumentationLibraryInfo.create(
        scope.getName(), scope.getVersion());
  }
}
