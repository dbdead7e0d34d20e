package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of what happened, with its beginning and its end; a line of the trace store is one, too.
 *
 * @param traceId 32 hexadecimal digits, the same for all that belongs together
 * @param spanId 16 hexadecimal digits
 * @param parentId the span that it is a part of; null: of none that is known
 * @param kind {@code "workflow"}, {@code "task"}, {@code "attempt"}, {@code "call"}, {@code
 *     "tool"}, {@code "http"}, {@code "file"}, {@code "cell"} or {@code "step"}
 * @param start nanoseconds since 1970, UTC
 * @param durationNs nanoseconds
 * @param status {@code "ok"}, {@code "error"} or {@code "cancelled"}
 * @param attributes an object; names as OpenTelemetry has them, or beginning with {@code capsule.}
 */
public record Span(
    @SerializedName("trace_id") String traceId,
    @SerializedName("span_id") String spanId,
    @SerializedName("parent_id") @Nullable String parentId,
    String kind,
    String name,
    long start,
    @SerializedName("duration_ns") long durationNs,
    String status,
    RawJson attributes,
    List<SpanEvent> events) {
  public Span {
    events = List.copyOf(events);
  }
}
