package dev.capsule.sidecar.journal;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something to write down of a workflow. Times are milliseconds since 1970. */
sealed interface Change {
  /** About how many bytes it adds. */
  long size();

  record Begin(StepIntent step, long at) implements Change {
    @Override
    public long size() {
      return step.args().length() + 200L;
    }
  }

  record End(String key, StepState how, Payload outcome, @Nullable String details, long at)
      implements Change {
    @Override
    public long size() {
      return 100L + length(outcome.inRow()) + length(details);
    }
  }

  record Reopen(List<String> keys) implements Change {
    Reopen(Collection<String> keys) {
      this(List.copyOf(keys));
    }

    @Override
    public long size() {
      return keys.size() * 100L;
    }
  }

  /** The workflow is given back. */
  record GiveBack(WorkflowState state, @Nullable Payload outcome, long at) implements Change {
    @Override
    public long size() {
      return outcome == null ? 0 : length(outcome.inRow());
    }
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }
}
