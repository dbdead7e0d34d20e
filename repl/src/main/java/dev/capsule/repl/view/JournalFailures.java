package dev.capsule.repl.view;

import dev.capsule.protocol.JournalErrorData;
import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.ReplayMismatchData;
import dev.capsule.protocol.StepName;
import dev.capsule.protocol.TaskInfo;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts into words what keeps a workflow from being run. */
public final class JournalFailures {
  /** These are about one workflow; the journal itself is in order. */
  private static final Set<String> OF_WORKFLOW = Set.of("busy", "lost", "cancelled");

  private static final int LONGEST = 300;

  private JournalFailures() {}

  /** Whether the journal itself works. */
  public static boolean isOfWorkflow(@Nullable JournalErrorData data) {
    return data != null && OF_WORKFLOW.contains(data.kind());
  }

  /**
   * The journal cannot do what is asked.
   *
   * @param id of the workflow; empty: it was about none
   */
  public static String ofJournal(String message, @Nullable JournalErrorData data, String id) {
    String advice = data == null ? "" : advice(data, message, CommandWords.of(List.of(id)));
    return "capsule: " + message + (advice.isEmpty() ? "" : "\n  " + advice);
  }

  private static String advice(JournalErrorData data, String message, String id) {
    return switch (data.kind()) {
      case "busy" ->
          "`capsule runs %s` tells who has it; `capsule cancel %s` stops it.".formatted(id, id);
      case "cancelled" -> "`capsule resume %s` lets it go on.".formatted(id);
      case "lost" -> "";
      default -> message.contains(data.journal()) ? "" : "The journal is " + data.journal() + ".";
    };
  }

  /** The program does not do what was written down. */
  public static String ofChange(ReplayMismatchData data, @Nullable LoadProgramResult program) {
    boolean input = data.asked().kind().equals("workflow");
    String where = input ? null : place(data.asked(), program);
    String problem =
        input
            ? "was begun with other arguments"
            : "does not do what it did before" + (where == null ? "" : " (" + where + ")");
    String advice =
        input
            ? "Give it these again, or name it otherwise by --id; --on-change=restart starts it"
                + " from the beginning."
            : data.recorded().kind().equals("workflow")
                ? "What has ended cannot go on: undo the change, or name the workflow otherwise by"
                    + " --id; --on-change=restart\n  starts it from the beginning."
                : "Undo the change; or run it with --on-change=continue, which takes the new step and"
                    + " leaves the old ones aside,\n  or with --on-change=restart, which starts it from"
                    + " the beginning.";
    return "capsule: the workflow \"%s\" %s\n  recorded  %s\n  now       %s\n  %s"
        .formatted(
            data.workflow(),
            problem,
            said(data.recorded(), input),
            said(data.asked(), input),
            advice);
  }

  private static String said(StepName step, boolean input) {
    String call = CallText.of(input ? "main" : step.name(), step.args());
    String text = input ? call : step.kind() + " " + call;
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
  }

  private static @Nullable String place(StepName step, @Nullable LoadProgramResult program) {
    List<TaskInfo> tasks = program == null ? List.of() : program.tasks();
    return tasks.stream()
        .filter(info -> info.name().equals(step.name()))
        .map(info -> info.file() + ":" + info.line())
        .findFirst()
        .orElse(null);
  }
}
