package dev.capsule.repl.view;

import dev.capsule.protocol.StepCounts;
import dev.capsule.protocol.WorkflowInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** Workflows, a line each. */
public final class RunsTable {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
  private static final int WIDEST_ID = 40;

  private RunsTable() {}

  /** The table, without a line end at its end. */
  public static Styled of(
      List<WorkflowInfo> workflows, Instant now, ZoneId zone, Path workingFolder) {
    int ids =
        Math.clamp(
            workflows.stream().mapToInt(each -> each.id().length()).max().orElse(0), 2, WIDEST_ID);
    String row = "%-" + ids + "s  ";
    Styled table = new Styled();
    table.add(
        Styled.Style.DIM,
        row.formatted("ID")
            + "%-11s  %7s  %-19s  %10s  %s"
                .formatted("STATE", "STEPS", "BEGAN", "TOOK", "PROGRAM"));
    for (WorkflowInfo each : workflows) {
      table.add("\n" + row.formatted(each.id()));
      table.add(style(each.state()), "%-11s".formatted(each.state()));
      table.add(
          "  %7s  %-19s  %10s  %s"
              .formatted(
                  steps(each.steps()),
                  time(each.created(), zone),
                  took(each, now),
                  program(each, workingFolder)));
    }
    return table;
  }

  /** Those that are done, and how many there are if that is more. */
  private static String steps(StepCounts steps) {
    long all = steps.finished() + steps.failed() + steps.started();
    return all == steps.finished() ? Long.toString(all) : steps.finished() + "/" + all;
  }

  static Styled.Style style(String state) {
    return switch (state) {
      case "finished" -> Styled.Style.GREEN;
      case "failed" -> Styled.Style.RED;
      case "running", "started" -> Styled.Style.BLUE;
      default -> Styled.Style.YELLOW;
    };
  }

  static String time(String iso, ZoneId zone) {
    return TIME.format(Instant.parse(iso).atZone(zone));
  }

  /** From its beginning to its end, or to the last that is known of it. */
  static String took(WorkflowInfo workflow, Instant now) {
    Instant until =
        workflow.state().equals("running")
            ? now
            : Instant.parse(workflow.ended() == null ? workflow.updated() : workflow.ended());
    return Durations.of(
        Math.max(0, Duration.between(Instant.parse(workflow.created()), until).toMillis()));
  }

  static String program(WorkflowInfo workflow, Path workingFolder) {
    return workflow.program().isEmpty()
        ? CommandWords.of(workflow.command())
        : Shown.path(Path.of(workflow.program()), workingFolder);
  }
}
