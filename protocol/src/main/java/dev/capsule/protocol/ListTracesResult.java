package dev.capsule.protocol;

import java.util.List;

/**
 * The traces in a store.
 *
 * @param folder absolute path of the store; it need not exist
 */
public record ListTracesResult(String folder, List<TraceSummary> traces) {
  public ListTracesResult {
    traces = List.copyOf(traces);
  }
}
