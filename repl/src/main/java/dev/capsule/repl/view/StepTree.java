package dev.capsule.repl.view;

import dev.capsule.protocol.DescribeWorkflowResult;
import dev.capsule.protocol.StepInfo;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.WorkflowInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A workflow and its steps, each under the one that called it. */
public final class StepTree {
  private static final int WIDEST = 60;
  private static final int LONGEST_ERROR = 200;

  private StepTree() {}

  private record Placed(StepInfo step, int depth) {}

  /** The tree, without a line end at its end. */
  public static Styled of(
      DescribeWorkflowResult found, Instant now, ZoneId zone, Path workingFolder) {
    Styled text = new Styled();
    addHead(text, found.workflow(), now, zone, workingFolder);
    List<Placed> rows = inOrder(found.steps());
    int width =
        rows.stream()
            .mapToInt(row -> label(row).length())
            .filter(length -> length <= WIDEST)
            .max()
            .orElse(0);
    boolean running = found.workflow().state().equals("running");
    for (Placed row : rows) {
      StepInfo step = row.step();
      text.add("\n  ");
      text.add(RunsTable.style(step.state()), mark(step.state()));
      text.add((" %-" + Math.max(1, width) + "s  %s").formatted(label(row), took(step, running)));
      if (step.error() != null) {
        text.add(Styled.Style.RED, "  " + shortened(said(step.error()), LONGEST_ERROR));
      }
    }
    return text;
  }

  private static void addHead(
      Styled text, WorkflowInfo workflow, Instant now, ZoneId zone, Path workingFolder) {
    text.add(Styled.Style.BOLD, workflow.id()).add("  ");
    text.add(RunsTable.style(workflow.state()), workflow.state());
    text.add(
        "  began %s, took %s, %s"
            .formatted(
                RunsTable.time(workflow.created(), zone),
                RunsTable.took(workflow, now),
                workflow.runs() == 1 ? "1 run" : workflow.runs() + " runs"));
    if (workflow.state().equals("running") && workflow.owner() != null) {
      text.add(", by " + workflow.owner());
    }
    text.add("\n").add(Styled.Style.DIM, RunsTable.program(workflow, workingFolder));
    if (workflow.error() != null) {
      text.add("\n").add(Styled.Style.RED, shortened(said(workflow.error()), LONGEST_ERROR));
    }
  }

  /** Callers before what they called; whose caller is not there stands for itself. */
  private static List<Placed> inOrder(List<StepInfo> steps) {
    Set<String> known = new HashSet<>();
    steps.forEach(step -> known.add(step.step()));
    Map<String, List<StepInfo>> called = new HashMap<>();
    for (StepInfo step : steps) {
      String parent = step.parent() != null && known.contains(step.parent()) ? step.parent() : "";
      called.computeIfAbsent(parent, key -> new ArrayList<>()).add(step);
    }
    List<Placed> rows = new ArrayList<>();
    Deque<Placed> rest = new ArrayDeque<>();
    push(rest, called.remove(""), 0);
    while (!rest.isEmpty()) {
      Placed row = rest.pop();
      rows.add(row);
      push(rest, called.remove(row.step().step()), row.depth() + 1);
    }
    return rows;
  }

  private static void push(Deque<Placed> rest, @Nullable List<StepInfo> steps, int depth) {
    if (steps != null) {
      steps.reversed().forEach(step -> rest.push(new Placed(step, depth)));
    }
  }

  private static String mark(String state) {
    return switch (state) {
      case "finished" -> "✓";
      case "failed" -> "✕";
      default -> "…";
    };
  }

  private static String label(Placed row) {
    StepInfo step = row.step();
    String indent = "  ".repeat(row.depth());
    return shortened(indent + CallText.of(step.name(), step.args()), WIDEST);
  }

  private static String took(StepInfo step, boolean running) {
    return step.ended() == null
        ? running ? "running" : "to be run again"
        : Durations.of(
            Math.max(
                0,
                Duration.between(Instant.parse(step.began()), Instant.parse(step.ended()))
                    .toMillis()));
  }

  private static String said(TaskFailure error) {
    return error.className() == null || error.message().startsWith(error.className())
        ? error.message()
        : error.className() + ": " + error.message();
  }

  private static String shortened(String text, int longest) {
    String line = text.lines().findFirst().orElse("");
    return line.length() <= longest ? line : line.substring(0, longest - 1) + "…";
  }
}
