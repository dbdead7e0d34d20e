package dev.capsule.sidecar.trace;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A span that has ended. Nothing of it changes any more.
 *
 * @param parentId null: it is the first of its trace
 * @param outermost whether it is the first span that this process has of its trace
 * @param sampled whether whoever began the trace keeps it
 * @param start nanoseconds since 1970, UTC
 * @param attributes what everybody may be told
 * @param details what only those are told who want {@link Level#VERBOSE}
 */
public record Span(
    String traceId,
    String spanId,
    @Nullable String parentId,
    boolean outermost,
    boolean sampled,
    Kind kind,
    String name,
    long start,
    long durationNs,
    Status status,
    Attributes attributes,
    Attributes details,
    List<Event> events) {
  private static final int OF_ITSELF = 200;

  /**
   * A moment in it.
   *
   * @param time nanoseconds since 1970, UTC
   */
  public record Event(long time, String name, Attributes attributes) {}

  public Span {
    events = List.copyOf(events);
  }

  /** About how many characters it takes. */
  long size() {
    long size = OF_ITSELF + attributes.size() + details.size();
    for (Event event : events) {
      size += OF_ITSELF + event.attributes().size();
    }
    return size;
  }

  /** As JSON, in one line, see {@link dev.capsule.protocol.Span}. */
  public String json(Level level) {
    StringBuilder text = new StringBuilder();
    json(level, text);
    return text.toString();
  }

  /** Adds what {@link #json(Level)} gives to a text. */
  public void json(Level level, StringBuilder text) {
    SpanJson.write(this, level, text);
  }
}
