package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;
import java.util.List;

/**
 * The spans of a trace, or of all traces of a workflow, in the order of their beginning.
 *
 * @param leftOut how many more there are, which a message could not hold
 */
public record ReadTraceResult(List<Span> spans, @SerializedName("left_out") long leftOut) {
  public ReadTraceResult {
    spans = List.copyOf(spans);
  }
}
