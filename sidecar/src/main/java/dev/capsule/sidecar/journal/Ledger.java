package dev.capsule.sidecar.journal;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a workflow that this process has, as they are or are to be: as long as it has it, no
 * one else changes them. Confined to the journal's thread.
 */
final class Ledger {
  private WorkflowRow row;
  private final Map<String, StepRow> steps = new HashMap<>();

  /** Steps whose rows are not known to be as they are here. */
  private final Set<String> unwritten = new LinkedHashSet<>();

  private long next;

  /**
   * The workflow and one of its steps (null: the change is of none), as they were before a change.
   */
  record Before(WorkflowRow row, long next, @Nullable String key, @Nullable StepRow step) {}

  Ledger(WorkflowRow row, List<StepRow> steps) {
    this.row = row;
    for (StepRow step : steps) {
      this.steps.put(step.key(), step.compact());
    }
    this.next = steps.size();
  }

  WorkflowRow row() {
    return row;
  }

  /** Makes a change, and tells how to undo it. */
  List<Before> make(Change change) {
    return switch (change) {
      case Change.Begin(StepIntent intent, long at) -> {
        StepRow known = steps.get(intent.key());
        yield List.of(put(StepRow.begun(intent, known == null ? next : known.number(), at), at));
      }
      case Change.End(String key, StepState how, Payload outcome, String details, long at) -> {
        StepRow known = steps.get(key);
        if (known == null) {
          throw new IllegalArgumentException("no step has begun as " + key);
        }
        yield known.state() == StepState.STARTED
            ? List.of(put(known.end(how, outcome, details, at), at))
            : List.of(); // the first to say so wins
      }
      case Change.Reopen(List<String> keys) -> {
        List<Before> before = new ArrayList<>();
        for (String key : keys) {
          StepRow known = steps.get(key);
          if (known != null) {
            before.add(put(known.reopened(), row.updated()));
          }
        }
        yield before;
      }
      case Change.GiveBack(WorkflowState state, Payload outcome, long at) -> {
        Before before = new Before(row, next, null, null);
        row = row.given(state, outcome, at);
        yield List.of(before);
      }
    };
  }

  private Before put(StepRow step, long at) {
    StepRow old = steps.put(step.key(), step);
    Before before = new Before(row, next, step.key(), old);
    if (old == null) {
      next++;
    }
    unwritten.add(step.key());
    Tally rest = old == null ? row.tally() : row.tally().minus(old);
    row = row.with(rest.plus(step), Math.max(at, row.updated()));
    return before;
  }

  /**
   * Undoes changes, the latest first. Whether they are in the store may not be known: so what is
   * here now counts as unwritten.
   */
  void undo(List<Before> changes) {
    for (Before before : changes.reversed()) {
      row = before.row();
      next = before.next();
      String key = before.key();
      StepRow step = before.step();
      if (key != null && step != null) {
        steps.put(key, step);
      } else if (key != null) {
        steps.remove(key);
        unwritten.remove(key);
      }
    }
  }

  /** The rows that are to be written. */
  Collection<StepRow> unwritten() {
    return unwritten.stream().map(key -> requireNonNull(steps.get(key))).toList();
  }

  /** All of it is written now. */
  void written() {
    for (String key : unwritten) {
      steps.computeIfPresent(key, (same, step) -> step.compact());
    }
    unwritten.clear();
  }
}
