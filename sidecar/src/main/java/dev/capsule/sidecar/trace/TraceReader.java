package dev.capsule.sidecar.trace;

import dev.capsule.protocol.Json;
import dev.capsule.protocol.ReadTraceResult;
import dev.capsule.protocol.Span;
import dev.capsule.protocol.TraceSummary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what a store holds. */
public final class TraceReader {
  /** So much of a trace fits into a message. */
  private static final long MAX_BYTES = 32L << 20;

  /** Only the outermost span of a trace has this: in text, quotation marks are escaped. */
  private static final byte[] OUTERMOST =
      ("\"" + Names.SPANS + "\":").getBytes(StandardCharsets.US_ASCII);

  private static final String UNFINISHED = "unfinished";

  private final Path folder;

  /**
   * @param folder of a store; it need not exist
   */
  public TraceReader(Path folder) {
    this.folder = folder;
  }

  /** What is asked for is not one trace, or one workflow. */
  public static final class NotOneException extends Exception {
    private static final long serialVersionUID = 1;

    NotOneException(String message) {
      super(message);
    }
  }

  private static final class Found {
    int spans;
    byte @Nullable [] some;
    @Nullable TraceSummary summary;
  }

  /**
   * Tells of traces, newest first.
   *
   * @param limit how many at most
   * @param failed only those that failed
   */
  public List<TraceSummary> list(int limit, boolean failed) throws IOException {
    Map<String, Found> traces = new HashMap<>();
    SegmentLines.visit(folder, (id, line) -> count(traces, id, line));
    return traces.entrySet().stream()
        .flatMap(entry -> summary(entry.getKey(), entry.getValue()).stream())
        .filter(trace -> !failed || trace.status().equals(Status.ERROR.wireName()))
        .sorted(Comparator.comparingLong(TraceSummary::start).reversed())
        .limit(limit)
        .toList();
  }

  private static void count(Map<String, Found> traces, String id, byte[] line) {
    Found trace = traces.computeIfAbsent(id, key -> new Found());
    trace.spans++;
    if (!SegmentLines.holds(line, OUTERMOST)) {
      trace.some = trace.summary == null && trace.some == null ? line : trace.some;
      return;
    }
    StoredSpan root = StoredSpan.parse(line);
    if (root != null) {
      Span span = root.span();
      trace.some = null;
      trace.summary = summary(root, span.durationNs(), span.status());
    }
  }

  private static TraceSummary summary(StoredSpan stored, @Nullable Long durationNs, String status) {
    Span span = stored.span();
    return new TraceSummary(
        span.traceId(),
        stored.runId(),
        stored.workflowId(),
        span.name(),
        span.start(),
        durationNs,
        status,
        1,
        stored.error());
  }

  private static List<TraceSummary> summary(String id, Found trace) {
    TraceSummary summary = trace.summary;
    if (summary == null) {
      StoredSpan some = trace.some == null ? null : StoredSpan.parse(trace.some);
      if (some == null) {
        return List.of();
      }
      summary = summary(some, null, UNFINISHED);
    }
    return List.of(
        new TraceSummary(
            id,
            summary.runId(),
            summary.workflowId(),
            summary.name(),
            summary.start(),
            summary.durationNs(),
            summary.status(),
            trace.spans,
            summary.error()));
  }

  /**
   * The spans of a trace, or of all traces of a workflow, in the order of their beginning.
   *
   * @param id of a run, a trace or a workflow, or the beginning of one if it is the only one
   */
  public ReadTraceResult read(String id) throws IOException, NotOneException {
    Set<String> ids = find(id);
    List<Span> spans = new ArrayList<>();
    long[] sizes = new long[2]; // bytes taken, spans left out
    SegmentLines.visit(
        folder,
        (traceId, line) -> {
          if (!ids.contains(traceId)) {
            return;
          }
          if (sizes[0] + line.length > MAX_BYTES) {
            sizes[1]++;
            return;
          }
          StoredSpan stored = StoredSpan.parse(line);
          if (stored != null) {
            sizes[0] += line.length;
            spans.add(stored.span());
          }
        });
    spans.sort(Comparator.comparingLong(Span::start));
    return new ReadTraceResult(spans, sizes[1]);
  }

  /** The traces that are meant. */
  private Set<String> find(String id) throws IOException, NotOneException {
    // what the id looks like in JSON, without the quotation marks
    String quoted = Json.gson().toJson(id);
    byte[] sought = quoted.substring(1, quoted.length() - 1).getBytes(StandardCharsets.UTF_8);
    Map<String, Set<String>> named = new LinkedHashMap<>();
    SegmentLines.visit(
        folder,
        (traceId, line) -> {
          if (traceId.startsWith(id)) {
            named.computeIfAbsent("trace " + traceId, key -> new LinkedHashSet<>()).add(traceId);
          } else if (SegmentLines.holds(line, sought)) {
            StoredSpan stored = StoredSpan.parse(line);
            if (stored != null) {
              note(named, "workflow ", stored.workflowId(), id, traceId);
              note(named, "run ", stored.runId(), id, traceId);
            }
          }
        });
    for (String kind : List.of("trace ", "workflow ", "run ")) {
      Set<String> exact = named.get(kind + id);
      if (exact != null) {
        // a client may give the same id to run after run: the last one is meant
        return kind.equals("run ") ? Set.of(List.copyOf(exact).getLast()) : exact;
      }
    }
    Set<Set<String>> different = new LinkedHashSet<>(named.values());
    if (different.size() == 1) {
      return different.iterator().next();
    }
    throw new NotOneException(
        named.isEmpty()
            ? "is no run, trace or workflow in " + folder + "; `capsule trace ls` shows those"
            : "is the beginning of several: "
                + String.join(", ", named.keySet().stream().limit(5).toList())
                + (named.size() > 5 ? ", …" : ""));
  }

  private static void note(
      Map<String, Set<String>> named,
      String kind,
      @Nullable String found,
      String sought,
      String traceId) {
    if (found != null && found.startsWith(sought)) {
      named.computeIfAbsent(kind + found, key -> new LinkedHashSet<>()).add(traceId);
    }
  }
}
