package dev.capsule.sidecar.task;

import dev.capsule.protocol.ReplayStepsResult;
import dev.capsule.protocol.ReplayedStep;
import dev.capsule.sidecar.journal.Outcome;
import dev.capsule.sidecar.journal.StepRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of earlier runs in bulk, for a client that answers its program's calls itself: a
 * round trip for each of ten thousand finished steps takes seconds.
 */
final class ReplayPages {
  private static final int MAX_STEPS = 2_000;
  private static final int MAX_CHARS = 1 << 20;

  /** In characters. Larger outcomes are asked for when they are needed, as they always can be. */
  private static final int MAX_OUTCOME = 64 << 10;

  private ReplayPages() {}

  /**
   * Tells what would be answered to those who begin the workflow's own steps now.
   *
   * @param after how many of what is written down come before
   */
  static ReplayStepsResult page(Workflow workflow, int after) {
    List<StepRecord> recorded = workflow.recorded();
    List<ReplayedStep> steps = new ArrayList<>();
    int chars = 0;
    int at = after;
    for (; at < recorded.size() && steps.size() < MAX_STEPS && chars < MAX_CHARS; at++) {
      StepRecord step = recorded.get(at);
      Begun.Before done = isSmall(step) ? workflow.before(step) : null;
      if (done != null) {
        String reply = done.reply();
        steps.add(new ReplayedStep(done.key(), reply));
        chars += reply.length();
      }
    }
    return new ReplayStepsResult(steps, at < recorded.size() ? at : null);
  }

  private static boolean isSmall(StepRecord step) {
    Outcome outcome = step.outcome();
    return outcome != null && outcome.json().length() + length(step.details()) <= MAX_OUTCOME;
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }
}
