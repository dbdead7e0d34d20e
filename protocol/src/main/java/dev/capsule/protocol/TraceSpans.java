package dev.capsule.protocol;

import java.util.List;

/**
 * Spans that have ended, children before their parents.
 *
 * @param dropped spans left out since the last of these, because the client read too slowly
 */
public record TraceSpans(List<Span> spans, long dropped) {
  public TraceSpans {
    spans = List.copyOf(spans);
  }
}
