package dev.capsule.repl.view;

import dev.capsule.protocol.TraceSummary;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Traces, a line each, for people. */
public final class TraceTable {
  private static final List<String> TITLES =
      List.of("STARTED", "NAME", "STATUS", "TIME", "SPANS", "ID");
  private static final int MAX_NAME = 40;
  private static final int MAX_ERROR = 100;

  private TraceTable() {}

  /** A line of it. */
  public record Line(String text, boolean failed) {}

  /** The table with its titles. */
  public static List<Line> of(List<TraceSummary> traces, ZoneId zone) {
    DateTimeFormatter time =
        DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(zone);
    List<List<String>> rows = new ArrayList<>();
    rows.add(TITLES);
    traces.forEach(trace -> rows.add(row(trace, time)));
    int[] widths = new int[TITLES.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      String error = i == 0 ? null : traces.get(i - 1).error();
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < widths.length; column++) {
        String cell = rows.get(i).get(column);
        line.append(cell).repeat(' ', widths[column] - cell.length() + 2);
      }
      line.append(error == null ? "" : TraceTree.oneLine(error, MAX_ERROR));
      lines.add(
          new Line(
              line.toString().stripTrailing(),
              i > 0 && traces.get(i - 1).status().equals("error")));
    }
    return lines;
  }

  private static List<String> row(TraceSummary trace, DateTimeFormatter time) {
    String id =
        trace.workflowId() != null
            ? trace.workflowId()
            : trace.runId() != null ? trace.runId() : trace.traceId();
    Long duration = trace.durationNs();
    return List.of(
        time.format(Instant.ofEpochSecond(0, trace.start())),
        TraceTree.oneLine(trace.name(), MAX_NAME),
        TraceTree.oneLine(trace.status(), MAX_NAME),
        duration == null ? "" : Amounts.nanos(duration),
        Integer.toString(trace.spans()),
        TraceTree.oneLine(id, MAX_ERROR));
  }
}
