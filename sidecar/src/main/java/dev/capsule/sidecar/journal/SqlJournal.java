package dev.capsule.sidecar.journal;

import com.google.gson.Gson;
import dev.capsule.sidecar.journal.Dialect.Transaction;
import dev.capsule.sidecar.journal.JournalException.Kind;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A journal in the tables of a database. */
final class SqlJournal implements Journal {
  private final Database database;
  private final WorkflowTable workflows;
  private final StepTable steps;
  private final Owners owners;
  private final Lease lease;
  private final JournalThread thread;
  private final Catalog catalog;

  SqlJournal(Dialect dialect, Timing timing, Consumer<String> log) {
    this.database = new Database(dialect);
    this.workflows = new WorkflowTable(database);
    this.steps = new StepTable(database);
    this.owners = new Owners(database, Owner.self(), timing.lease().toNanos());
    this.lease = new Lease(database, workflows, owners, timing, log);
    this.thread =
        new JournalThread(
            database,
            lease,
            new GroupCommit(database, workflows, steps, lease, owners.self().name()));
    this.catalog = new Catalog(database, workflows, steps, owners, lease);
  }

  @Override
  public String place() {
    return database.dialect().place();
  }

  /** What a transaction that opens a workflow has found and done. */
  private record Opened(Taken taken, @Nullable Set<String> ours) {}

  @Override
  public OpenWorkflow open(Opening opening) {
    ResultFiles files = database.dialect().files();
    String given = opening.input();
    Payload input = given == null ? null : Payload.of(given, files);
    return thread.call(() -> {
      writeFile(input);
      long ticks = System.nanoTime();
      Opened opened =
          database.transact(Transaction.WRITE_FIRMLY, () -> take(opening, input, ticks));
      Set<String> ours = opened.ours();
      if (ours == null) {
        return new EndedWorkflow(opened.taken().whole(files));
      }
      lease.renewed(ticks, ours);
      HeldWorkflow held = new HeldWorkflow(thread, lease, files, wholeOrGivenBack(opened.taken()));
      lease.add(held);
      return held;
    });
  }

  private Taken wholeOrGivenBack(Taken taken) {
    try {
      return taken.whole(database.dialect().files());
    } catch (JournalException e) {
      lease.owe();
      lease.tend();
      throw e;
    }
  }

  private Opened take(Opening opening, @Nullable Payload input, long ticks) throws SQLException {
    String id = Texts.plain(opening.id());
    long now = System.currentTimeMillis();
    String self = owners.self().name();
    String command = new Gson().toJson(opening.command());
    writeFile(input);
    WorkflowRow known = workflows.hold(id);
    boolean fresh = opening.fresh();
    if (known != null) {
      refuseIfBusy(known);
      if (!fresh && known.state() == WorkflowState.FINISHED) {
        return new Opened(new Taken(known, known.state(), false, steps.read(known)), null);
      }
    }
    owners.tidy();
    Set<String> ours = lease.renew(ticks);
    while (known == null) {
      WorkflowRow row = WorkflowRow.fresh(id, input, 0, now).openedBy(self, opening, command, now);
      if (workflows.insert(row)) {
        return new Opened(new Taken(row, WorkflowState.INTERRUPTED, true, List.of()), ours);
      }
      known = workflows.hold(id); // another process was quicker
      if (known != null) {
        refuseIfBusy(known);
      }
    }
    WorkflowState state = known.state();
    if (!fresh && (state == WorkflowState.CANCELLED || workflows.isToBeCancelled(id))) {
      throw new JournalException(
          Kind.CANCELLED,
          "the workflow \""
              + id
              + "\" was cancelled; `capsule resume "
              + id
              + "` takes it up again");
    }
    List<StepRow> earlier = fresh ? List.of() : steps.read(known);
    if (fresh) {
      steps.deleteOf(id);
      workflows.forgetToCancel(id);
      known = WorkflowRow.fresh(id, input, known.runs(), now);
    }
    WorkflowRow row = known.openedBy(self, opening, command, now);
    workflows.replace(row);
    return new Opened(new Taken(row, state, fresh, earlier), ours);
  }

  private void refuseIfBusy(WorkflowRow known) throws SQLException {
    String name = known.owner();
    if (name == null || (name.equals(owners.self().name()) && !lease.holds(known.id()))) {
      return;
    }
    Owner owner = owners.living(name);
    if (owner != null) {
      throw new JournalException(
          Kind.BUSY,
          "the workflow \""
              + known.id()
              + "\" is being run by "
              + owner.forPeople()
              + " since "
              + Instant.ofEpochMilli(known.opened())
              + ": wait for it, or stop it with `capsule cancel "
              + known.id()
              + "`");
    }
  }

  @Override
  public List<WorkflowSummary> list(List<WorkflowState> states, int limit) {
    return thread.call(() -> catalog.list(states, limit));
  }

  @Override
  public @Nullable WorkflowDetails find(String id) {
    return thread.<@Nullable WorkflowDetails>call(() -> catalog.find(Texts.plain(id)));
  }

  @Override
  public @Nullable WorkflowState cancel(String id) {
    return thread.<@Nullable WorkflowState>call(() -> catalog.cancel(Texts.plain(id)));
  }

  @Override
  public @Nullable WorkflowSummary revive(String id) {
    return thread.<@Nullable WorkflowSummary>call(() -> catalog.revive(Texts.plain(id)));
  }

  @Override
  public List<String> remove(
      @Nullable String id, @Nullable Instant before, List<WorkflowState> states) {
    String which = id == null ? null : Texts.plain(id);
    return thread.call(() -> {
      List<String> removed = catalog.remove(which, before, states);
      if (!removed.isEmpty()) {
        catalog.tidy();
      }
      return removed;
    });
  }

  @Override
  public void close() {
    thread.close();
  }

  private void writeFile(@Nullable Payload payload) {
    ResultFiles files = database.dialect().files();
    if (files != null && payload != null) {
      payload.write(files);
    }
  }
}
