package dev.capsule.sidecar.journal;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A workflow that this process has. */
final class HeldWorkflow implements OpenWorkflow {
  private final JournalThread thread;
  private final Lease lease;
  private final @Nullable ResultFiles files;
  private final String id;
  private final Taken taken;
  private final Ledger ledger;
  private final Object lock = new Object();
  private @Nullable Revocation revoked;
  private @Nullable Consumer<Revocation> listener;

  /** Why it is not this process's any more; null: it is. */
  private volatile @Nullable JournalException gone;

  HeldWorkflow(JournalThread thread, Lease lease, @Nullable ResultFiles files, Taken taken) {
    this.thread = thread;
    this.lease = lease;
    this.files = files;
    this.id = taken.row().id();
    this.taken = taken;
    this.ledger = new Ledger(taken.row(), taken.steps());
  }

  String id() {
    return id;
  }

  /** For the journal's thread alone. */
  Ledger ledger() {
    return ledger;
  }

  @Override
  public WorkflowState found() {
    return taken.found();
  }

  @Override
  public boolean isNew() {
    return taken.isNew();
  }

  @Override
  public int runs() {
    return Math.toIntExact(taken.row().runs());
  }

  @Override
  public @Nullable Outcome outcome() {
    return null;
  }

  @Override
  public @Nullable String input() {
    return taken.input();
  }

  @Override
  public List<StepRecord> steps() {
    return taken.records();
  }

  @Override
  public boolean isOurs() {
    return gone == null && lease.isCurrent();
  }

  @Override
  public void begin(StepIntent step) {
    thread.write(new Entry(this, beginning(step), null));
  }

  @Override
  public CompletableFuture<Void> beginFirmly(StepIntent step) {
    return write(beginning(step));
  }

  private static Change beginning(StepIntent step) {
    StepIntent fit =
        new StepIntent(
            Texts.plain(step.key()),
            step.parent() == null ? null : Texts.plain(step.parent()),
            Texts.plain(step.kind()),
            Texts.plain(step.name()),
            Texts.json(step.args()),
            Texts.plain(step.argsHash()));
    return new Change.Begin(fit, System.currentTimeMillis());
  }

  @Override
  public CompletableFuture<Void> end(String key, Outcome outcome, @Nullable String details) {
    return write(
        new Change.End(
            Texts.plain(key),
            outcome.success() ? StepState.FINISHED : StepState.FAILED,
            Payload.of(outcome.json(), files),
            details == null ? null : Texts.json(details),
            System.currentTimeMillis()));
  }

  @Override
  public void reopen(Collection<String> keys) {
    thread.write(new Entry(this, new Change.Reopen(keys), null));
  }

  @Override
  public CompletableFuture<Void> finish(Outcome outcome) {
    return write(
        new Change.GiveBack(
            outcome.success() ? WorkflowState.FINISHED : WorkflowState.FAILED,
            Payload.of(outcome.json(), files),
            System.currentTimeMillis()));
  }

  @Override
  public CompletableFuture<Void> cancelled() {
    return write(new Change.GiveBack(WorkflowState.CANCELLED, null, System.currentTimeMillis()));
  }

  @Override
  public CompletableFuture<Void> release() {
    return write(new Change.GiveBack(WorkflowState.INTERRUPTED, null, System.currentTimeMillis()));
  }

  private CompletableFuture<Void> write(Change change) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    thread.write(new Entry(this, change, done));
    return done;
  }

  @Override
  public void onRevoked(Consumer<Revocation> whom) {
    Revocation already;
    synchronized (lock) {
      listener = whom;
      already = revoked;
    }
    if (already != null) {
      tell(whom, already);
    }
  }

  /** Says that it must stop. */
  void revoke(Revocation why) {
    Consumer<Revocation> whom;
    synchronized (lock) {
      if (revoked != null) {
        return;
      }
      revoked = why;
      whom = listener;
    }
    if (whom != null) {
      tell(whom, why);
    }
  }

  private static void tell(Consumer<Revocation> whom, Revocation why) {
    Thread.ofVirtual().name("journal-revocation").start(() -> whom.accept(why));
  }

  /** Makes it this process's no more: whatever is to be written of it fails so. */
  void drop(JournalException why) {
    gone = why;
  }

  @Nullable JournalException gone() {
    return gone;
  }
}
