package dev.capsule.sidecar.journal;

import dev.capsule.sidecar.journal.Dialect.Transaction;
import dev.capsule.sidecar.journal.JournalException.Kind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes down what many have changed, with one commit. For the journal's thread alone. */
final class GroupCommit {
  private final Database database;
  private final WorkflowTable workflows;
  private final StepTable steps;
  private final Lease lease;
  private final String owner;

  GroupCommit(
      Database database, WorkflowTable workflows, StepTable steps, Lease lease, String owner) {
    this.database = database;
    this.workflows = workflows;
    this.steps = steps;
    this.lease = lease;
    this.owner = owner;
  }

  private record Made(Entry entry, List<Ledger.Before> before) {
    HeldWorkflow workflow() {
      return entry.workflow();
    }

    void undo() {
      workflow().ledger().undo(before);
    }
  }

  /** Writes all of it. If that fails, each for itself: what one is to blame for hits no other. */
  void commit(List<Entry> group) {
    List<Made> made = make(group);
    try {
      write(made);
    } catch (JournalException e) {
      if (made.size() == 1) {
        giveUp(made.getFirst(), e);
      } else if (e.kind() == Kind.UNAVAILABLE && !answers()) {
        made.reversed().forEach(one -> giveUp(one, e));
      } else {
        made.reversed().forEach(Made::undo);
        made.forEach(one -> commit(List.of(one.entry())));
      }
    }
  }

  /** Makes changes in memory, but for those that cannot be. */
  private static List<Made> make(List<Entry> group) {
    List<Made> made = new ArrayList<>();
    for (Entry entry : group) {
      HeldWorkflow workflow = entry.workflow();
      JournalException gone = workflow.gone();
      if (gone != null) {
        entry.fail(gone);
      } else if (workflow.ledger().row().owner() == null) {
        entry.fail(givenBack(workflow)); // by what comes before it in this group
      } else {
        try {
          made.add(new Made(entry, workflow.ledger().make(entry.change())));
        } catch (IllegalArgumentException e) {
          entry.fail(e);
        }
      }
    }
    return made;
  }

  private void write(List<Made> made) {
    if (made.isEmpty()) {
      return;
    }
    SortedMap<String, HeldWorkflow> touched =
        new TreeMap<>(); // in one order, so that none deadlock
    boolean firmly = false;
    for (Made one : made) {
      touched.put(one.workflow().id(), one.workflow());
      firmly |= one.entry().done() != null;
    }
    List<Payload> large = large(touched);
    large.forEach(this::writeFile); // before others have to wait for the transaction
    List<HeldWorkflow> lost =
        database.transact(
            firmly ? Transaction.WRITE_FIRMLY : Transaction.WRITE,
            () -> {
              large.forEach(this::writeFile); // if somebody has tidied up meanwhile
              return write(touched);
            });
    lost.forEach(lease::lose);
    touched.values().stream()
        .filter(one -> !lost.contains(one))
        .forEach(one -> one.ledger().written());
    made.forEach(this::settle);
  }

  /** Returns those that are another's now, of which nothing is written. */
  private List<HeldWorkflow> write(SortedMap<String, HeldWorkflow> touched) throws SQLException {
    List<HeldWorkflow> lost = new ArrayList<>();
    for (HeldWorkflow workflow : touched.values()) {
      Ledger ledger = workflow.ledger();
      if (workflows.update(ledger.row(), owner)) {
        steps.write(workflow.id(), ledger.unwritten());
        if (ledger.row().ended() != null) {
          workflows.forgetToCancel(workflow.id());
        }
      } else {
        lost.add(workflow);
      }
    }
    return lost;
  }

  private void settle(Made made) {
    HeldWorkflow workflow = made.workflow();
    JournalException gone = workflow.gone();
    if (gone != null) {
      made.entry().fail(gone);
      return;
    }
    if (made.entry().change() instanceof Change.GiveBack) {
      lease.remove(workflow);
      workflow.drop(givenBack(workflow));
    }
    made.entry().succeed();
  }

  private void giveUp(Made made, JournalException problem) {
    if (made.entry().done() == null) {
      return; // it stays made, and is written with what comes next
    }
    made.undo();
    if (made.entry().change() instanceof Change.GiveBack(WorkflowState state, var _, var _)
        && state == WorkflowState.INTERRUPTED) {
      lease.remove(made.workflow());
      made.workflow().drop(problem);
      lease.owe();
    }
    made.entry().fail(problem);
  }

  private boolean answers() {
    try {
      return database.transact(Transaction.READ, () -> true);
    } catch (JournalException e) {
      return false;
    }
  }

  private static List<Payload> large(SortedMap<String, HeldWorkflow> touched) {
    List<Payload> large = new ArrayList<>();
    for (HeldWorkflow workflow : touched.values()) {
      addLarge(large, workflow.ledger().row().outcome());
      workflow.ledger().unwritten().forEach(step -> addLarge(large, step.outcome()));
    }
    return large;
  }

  private static void addLarge(List<Payload> all, @Nullable Payload one) {
    if (one != null && one.file() != null && one.text() != null) {
      all.add(one);
    }
  }

  private void writeFile(Payload payload) {
    ResultFiles files = database.dialect().files();
    if (files != null) {
      payload.write(files);
    }
  }

  private static JournalException givenBack(HeldWorkflow workflow) {
    return new JournalException(
        Kind.LOST,
        "the workflow \"" + workflow.id() + "\" has been closed: nothing can be added to it");
  }
}
