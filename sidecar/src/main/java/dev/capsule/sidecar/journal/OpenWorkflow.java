package dev.capsule.sidecar.journal;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A workflow that this process has. What is written goes to the store in the order of the calls, in
 * groups; none of the methods blocks. Futures complete when what was written before, too, is
 * committed: by {@link JournalException} where it could not be. They do on the thread that writes:
 * what follows on them must not block.
 *
 * <p>One that was found {@link WorkflowState#FINISHED} is only read, and by any number of runs.
 *
 * <p>The process keeps the workflow by renewing its lease. Where it could not in time, and another
 * took it, nothing more is written: the exception's kind is {@link JournalException.Kind#LOST}.
 */
public interface OpenWorkflow {
  /** What there was: INTERRUPTED of a new one, too. */
  WorkflowState found();

  /** Whether no earlier run has left anything. */
  boolean isNew();

  /** How many times it was opened, this one included. */
  int runs();

  /** How it ended; null unless it was found {@link WorkflowState#FINISHED}. */
  @Nullable Outcome outcome();

  /** What it was first opened with. */
  @Nullable String input();

  /** Those of earlier runs, in the order in which they began. */
  List<StepRecord> steps();

  /**
   * Whether the process has it, as far as it can know without asking the store: it gave a sign of
   * life in time, and heard of nobody who took it. True of one that has a result.
   */
  boolean isOurs();

  /**
   * Writes that a step begins. A key that is there already begins again. It may be committed only
   * with what is written later.
   */
  void begin(StepIntent step);

  /** The same, committed as soon as may be. */
  CompletableFuture<Void> beginFirmly(StepIntent step);

  /**
   * Writes how a step ended. The first to say so wins.
   *
   * @param details JSON text that is kept with it
   */
  CompletableFuture<Void> end(String key, Outcome outcome, @Nullable String details);

  /** Makes steps as if they had never ended, so that they are run again. */
  void reopen(Collection<String> keys);

  /** Ends the workflow and gives it back. */
  CompletableFuture<Void> finish(Outcome outcome);

  /** Ends the workflow, because someone cancelled it, and gives it back. */
  CompletableFuture<Void> cancelled();

  /** Gives it back as it is, for another run to go on. */
  CompletableFuture<Void> release();

  /** Why the workflow must stop. */
  enum Revocation {
    /** Someone asks to cancel it. */
    CANCELLED,
    /** Another process has taken it, or the store is gone. */
    LOST
  }

  /** Says who is told, at most once, on any thread, that the workflow must stop. */
  void onRevoked(Consumer<Revocation> listener);
}
