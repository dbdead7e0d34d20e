package dev.capsule.sidecar.journal;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import dev.capsule.sidecar.journal.Dialect.Transaction;
import dev.capsule.sidecar.journal.OpenWorkflow.Revocation;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All workflows of a journal, whoever has them. For the journal's thread alone. */
final class Catalog {
  private final Database database;
  private final WorkflowTable workflows;
  private final StepTable steps;
  private final Owners owners;
  private final Lease lease;

  Catalog(Database database, WorkflowTable workflows, StepTable steps, Owners owners, Lease lease) {
    this.database = database;
    this.workflows = workflows;
    this.steps = steps;
    this.owners = owners;
    this.lease = lease;
  }

  List<WorkflowSummary> list(List<WorkflowState> states, int limit) {
    if (limit <= 0 || !database.dialect().isThere()) {
      return List.of();
    }
    return database.transact(
        Transaction.READ,
        () -> {
          List<WorkflowSummary> found = new ArrayList<>();
          Set<String> asked = workflows.cancellations();
          workflows.read(row -> {
            WorkflowSummary summary = summary(row, asked.contains(row.id()));
            if (states.isEmpty() || states.contains(summary.state())) {
              found.add(summary);
            }
            return found.size() < limit;
          });
          return found;
        });
  }

  @Nullable WorkflowDetails find(String id) {
    if (!database.dialect().isThere()) {
      return null;
    }
    return database.<@Nullable WorkflowDetails>transact(
        Transaction.READ,
        () -> {
          WorkflowRow row = workflows.find(id);
          return row == null
              ? null
              : new WorkflowDetails(
                  summary(row, workflows.isToBeCancelled(id)),
                  steps.read(row).stream().map(StepRow::record).toList());
        });
  }

  /** Returns the state that it found. */
  @Nullable WorkflowState cancel(String id) {
    if (!database.dialect().isThere()) {
      return null;
    }
    WorkflowState found =
        database.<@Nullable WorkflowState>transact(
            Transaction.WRITE_FIRMLY,
            () -> {
              WorkflowRow row = workflows.hold(id);
              if (row == null) {
                return null;
              }
              WorkflowState state = state(row, workflows.isToBeCancelled(id));
              long now = System.currentTimeMillis();
              if (state == WorkflowState.RUNNING) {
                workflows.askToCancel(id, now);
              } else if (state == WorkflowState.INTERRUPTED) {
                workflows.replace(row.given(WorkflowState.CANCELLED, null, now));
              }
              return state;
            });
    HeldWorkflow held = lease.get(id);
    if (held != null && found == WorkflowState.RUNNING) {
      held.revoke(Revocation.CANCELLED);
    }
    return found;
  }

  @Nullable WorkflowSummary revive(String id) {
    if (!database.dialect().isThere()) {
      return null;
    }
    return database.<@Nullable WorkflowSummary>transact(
        Transaction.WRITE_FIRMLY,
        () -> {
          WorkflowRow row = workflows.hold(id);
          if (row == null) {
            return null;
          }
          WorkflowState state = state(row, workflows.isToBeCancelled(id));
          if (state != WorkflowState.CANCELLED) {
            return summary(row, false); // a failed one can be opened as it is
          }
          WorkflowRow revived =
              row.given(WorkflowState.INTERRUPTED, null, System.currentTimeMillis());
          workflows.forgetToCancel(id);
          workflows.replace(revived);
          return summary(revived, false);
        });
  }

  List<String> remove(@Nullable String id, @Nullable Instant before, List<WorkflowState> states) {
    if (!database.dialect().isThere()) {
      return List.of();
    }
    return database.transact(
        Transaction.WRITE_FIRMLY,
        () -> {
          List<String> removed = new ArrayList<>();
          for (WorkflowTable.Remains one : workflows.remains()) {
            if ((id == null || id.equals(one.id()))
                && (before == null || one.updated() < before.toEpochMilli())
                && !isOwned(one.owner())
                && (states.isEmpty() || states.contains(state(one)))
                && workflows.delete(one)) {
              removed.add(one.id());
            }
          }
          return removed;
        });
  }

  /** Removes the files that no row names any more, and those of processes that died. */
  void tidy() {
    ResultFiles files = database.dialect().files();
    if (files == null || !database.dialect().isThere()) {
      return;
    }
    database.transact(
        Transaction.WRITE, // so that nobody names one meanwhile
        () -> {
          files.keepOnly(steps.files());
          return true;
        });
  }

  private @Nullable WorkflowState state(WorkflowTable.Remains row) throws SQLException {
    try {
      WorkflowState state = WorkflowState.valueOf(row.state());
      return state == WorkflowState.INTERRUPTED && workflows.isToBeCancelled(row.id())
          ? WorkflowState.CANCELLED
          : state;
    } catch (IllegalArgumentException e) {
      return null; // damaged: it is in no state
    }
  }

  private boolean isOwned(@Nullable String owner) throws SQLException {
    return owner != null && owners.living(owner) != null;
  }

  private WorkflowState state(WorkflowRow row, boolean toBeCancelled) throws SQLException {
    if (isOwned(row.owner())) {
      return WorkflowState.RUNNING;
    }
    return row.state() == WorkflowState.INTERRUPTED && toBeCancelled
        ? WorkflowState.CANCELLED
        : row.state();
  }

  private WorkflowSummary summary(WorkflowRow row, boolean toBeCancelled) throws SQLException {
    Owner owner = row.owner() == null ? null : owners.living(row.owner());
    Payload outcome = row.outcome();
    String text = outcome == null ? null : outcome.text();
    Long ended = row.ended();
    return new WorkflowSummary(
        row.id(),
        state(row, toBeCancelled),
        row.program(),
        row.folder(),
        command(row),
        Math.toIntExact(row.runs()),
        owner == null ? null : owner.forPeople(),
        Instant.ofEpochMilli(row.created()),
        Instant.ofEpochMilli(row.updated()),
        ended == null ? null : Instant.ofEpochMilli(ended),
        text == null ? null : new Outcome(row.state() == WorkflowState.FINISHED, text),
        row.tally().finished(),
        row.tally().failed(),
        row.tally().started());
  }

  private List<String> command(WorkflowRow row) {
    try {
      String[] words = new Gson().fromJson(row.command(), String[].class);
      return words == null ? List.of() : List.of(words);
    } catch (JsonSyntaxException e) {
      throw WorkflowTable.damaged(database.dialect(), row.id());
    }
  }
}
