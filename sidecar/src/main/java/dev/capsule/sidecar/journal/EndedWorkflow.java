package dev.capsule.sidecar.journal;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A workflow that has a result: it can be read by many at once, and is changed by none. */
final class EndedWorkflow implements OpenWorkflow {
  private final Taken taken;

  EndedWorkflow(Taken taken) {
    this.taken = taken;
  }

  @Override
  public WorkflowState found() {
    return taken.found();
  }

  @Override
  public boolean isNew() {
    return false;
  }

  @Override
  public int runs() {
    return Math.toIntExact(taken.row().runs());
  }

  @Override
  public @Nullable Outcome outcome() {
    return taken.outcome();
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
    return true;
  }

  @Override
  public void begin(StepIntent step) {
    // what would come of it is refused
  }

  @Override
  public CompletableFuture<Void> beginFirmly(StepIntent step) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> end(String key, Outcome outcome, @Nullable String details) {
    return CompletableFuture.failedFuture(
        new JournalException(
            JournalException.Kind.LOST,
            "the workflow \"" + taken.row().id() + "\" has ended: nothing can be added to it"));
  }

  @Override
  public void reopen(Collection<String> keys) {
    // it stays as it ended
  }

  @Override
  public CompletableFuture<Void> finish(Outcome outcome) {
    return release();
  }

  @Override
  public CompletableFuture<Void> cancelled() {
    return release();
  }

  @Override
  public CompletableFuture<Void> release() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void onRevoked(Consumer<Revocation> listener) {
    // nobody can take it
  }
}
