package dev.capsule.sidecar.journal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A workflow as it was opened.
 *
 * @param row as it is now
 * @param found where it stood before
 * @param steps those of earlier runs
 */
record Taken(WorkflowRow row, WorkflowState found, boolean isNew, List<StepRow> steps) {
  /** The same with all texts that are in files. */
  Taken whole(@Nullable ResultFiles files) {
    Payload input = row.input();
    Payload outcome = row.outcome();
    return new Taken(
        row.with(
            input == null ? null : input.whole(files),
            outcome == null ? null : outcome.whole(files)),
        found,
        isNew,
        steps.stream().map(step -> step.whole(files)).toList());
  }

  @Nullable String input() {
    Payload input = row.input();
    return input == null ? null : input.text();
  }

  @Nullable Outcome outcome() {
    Payload outcome = row.outcome();
    String text = outcome == null ? null : outcome.text();
    return text == null ? null : new Outcome(row.state() == WorkflowState.FINISHED, text);
  }

  List<StepRecord> records() {
    return steps.stream().map(StepRow::record).toList();
  }
}
