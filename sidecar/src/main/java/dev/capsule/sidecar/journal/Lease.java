package dev.capsule.sidecar.journal;

import dev.capsule.sidecar.journal.Dialect.Transaction;
import dev.capsule.sidecar.journal.JournalException.Kind;
import dev.capsule.sidecar.journal.OpenWorkflow.Revocation;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What this process has of a journal, and the signs of life by which it keeps it. All but {@link
 * #isCurrent} is for the journal's thread alone.
 */
final class Lease {
  /** After so many leases without a sign of life that could be given, the store is gone. */
  private static final int PATIENCE = 4;

  private final Database database;
  private final WorkflowTable workflows;
  private final Owners owners;
  private final Timing timing;
  private final Consumer<String> log;
  private final Map<String, HeldWorkflow> held = new HashMap<>();
  private long nextRenewal;
  private long nextPoll;
  private boolean failing;

  /** Whether something could not be given back. */
  private boolean owing;

  /** {@link System#nanoTime} of the last sign of life; null: there was none yet. */
  private volatile @Nullable Long renewed;

  Lease(
      Database database,
      WorkflowTable workflows,
      Owners owners,
      Timing timing,
      Consumer<String> log) {
    this.database = database;
    this.workflows = workflows;
    this.owners = owners;
    this.timing = timing;
    this.log = log;
  }

  /** Whether nobody else can have taken what this process has. */
  boolean isCurrent() {
    Long last = renewed;
    return last != null && System.nanoTime() - last < timing.lease().toNanos();
  }

  boolean holds(String id) {
    return held.containsKey(id);
  }

  @Nullable HeldWorkflow get(String id) {
    return held.get(id);
  }

  void add(HeldWorkflow workflow) {
    if (held.put(workflow.id(), workflow) != null) {
      throw new IllegalStateException(workflow.id() + " is held twice");
    }
  }

  void remove(HeldWorkflow workflow) {
    boolean _ = held.remove(workflow.id(), workflow);
  }

  /** Gives back, as soon as that can be written, what this process has but does not hold. */
  void owe() {
    owing = true;
    nextRenewal = System.nanoTime();
  }

  /** Takes notice that a workflow is another's. */
  void lose(HeldWorkflow workflow) {
    lose(
        workflow,
        "this process gave no sign of life for more than "
            + timing.lease().toSeconds()
            + " seconds (it, or the machine, was stopped), and another run took the workflow, or it"
            + " was removed");
  }

  private void lose(HeldWorkflow workflow, String why) {
    remove(workflow);
    workflow.drop(
        new JournalException(
            Kind.LOST,
            "the workflow \"" + workflow.id() + "\" is not this process's any more: " + why));
    workflow.revoke(Revocation.LOST);
  }

  /** In how many nanoseconds there is something to do; null: nothing is waited for. */
  @Nullable Long due() {
    return isIdle() ? null : Math.max(0, Math.min(nextRenewal, nextPoll) - System.nanoTime());
  }

  private boolean isIdle() {
    return held.isEmpty() && !owing;
  }

  /** Does what is due. */
  void tend() {
    long now = System.nanoTime();
    if (isIdle() || Math.min(nextRenewal, nextPoll) - now > 0) {
      return;
    }
    try {
      if (nextRenewal - now <= 0 || !isCurrent()) {
        renew();
      }
      nextPoll = now + timing.poll().toNanos();
      poll();
      failing = false;
    } catch (RuntimeException e) {
      nextPoll = now + timing.poll().toNanos();
      nextRenewal = nextPoll;
      complain(e);
    }
  }

  private void complain(RuntimeException problem) {
    if (!failing) {
      failing = true;
      log.accept(
          problem instanceof JournalException
              ? String.valueOf(problem.getMessage())
              : "the journal could not be kept: " + problem);
    }
    if (problem instanceof JournalException known && known.kind() == Kind.FULL) {
      return; // it goes on as soon as there is space, and nobody else can take anything meanwhile
    }
    Long last = renewed;
    if (last == null || System.nanoTime() - last > PATIENCE * timing.lease().toNanos()) {
      String why = "the journal could not be used for too long: " + problem.getMessage();
      List.copyOf(held.values()).forEach(workflow -> lose(workflow, why));
    }
  }

  /** Gives a sign of life, and looks what this process still has. */
  void renew() {
    long ticks = System.nanoTime();
    renewed(ticks, database.transact(Transaction.WRITE, () -> renew(ticks)));
  }

  /** The same in a transaction of the caller's; once it is committed, {@link #renewed} is due. */
  Set<String> renew(long ticks) throws SQLException {
    owners.renew(ticks);
    Set<String> ours = workflows.ownedBy(owners.self().name());
    giveBack(ours);
    return ours;
  }

  /**
   * Takes notice of a committed sign of life.
   *
   * @param ours the workflows that this process had in the same transaction
   */
  void renewed(long ticks, Set<String> ours) {
    for (HeldWorkflow workflow : List.copyOf(held.values())) {
      if (!ours.contains(workflow.id())) {
        lose(workflow);
      }
    }
    renewed = ticks;
    owing = false;
    nextRenewal = ticks + timing.renewal().toNanos();
  }

  /** Gives back what nobody here has any more, and could not be given back then. */
  private void giveBack(Set<String> ours) throws SQLException {
    for (String id : ours) {
      WorkflowRow row = held.containsKey(id) ? null : workflows.hold(id);
      if (row != null) {
        workflows.replace(row.given(WorkflowState.INTERRUPTED, null, System.currentTimeMillis()));
      }
    }
  }

  private void poll() {
    Set<String> asked = database.transact(Transaction.READ, workflows::cancellations);
    for (String id : asked) {
      HeldWorkflow workflow = held.get(id);
      if (workflow != null) {
        workflow.revoke(Revocation.CANCELLED);
      }
    }
  }

  /** Ends this process's part; what it has is left for others. */
  void end() {
    JournalException closed = Faults.unavailable(database.dialect().place(), "it has been closed");
    held.values().forEach(workflow -> workflow.drop(closed));
    held.clear();
    if (renewed == null) {
      return;
    }
    String name = owners.self().name();
    try {
      database.transact(
          Transaction.WRITE,
          () -> {
            owners.forget(name);
            return true;
          });
    } catch (JournalException e) {
      log.accept(String.valueOf(e.getMessage())); // others wait until the lease ends
    }
  }
}
