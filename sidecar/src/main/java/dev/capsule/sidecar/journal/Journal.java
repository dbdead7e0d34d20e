package dev.capsule.sidecar.journal;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A store of workflows, shared by any number of processes. All methods block, and may be called
 * from any thread.
 *
 * <p>All methods throw {@link JournalException} where the store cannot do its work.
 */
public interface Journal extends AutoCloseable {
  /** Where it is, for people: a file, or a server's address without credentials. */
  String place();

  /**
   * Takes a workflow for this process, as a new one or where an earlier run left it, and keeps it
   * until it is closed.
   *
   * @throws JournalException of kind {@link JournalException.Kind#BUSY} if another run has it
   */
  OpenWorkflow open(Opening opening);

  /**
   * Tells of workflows, those changed last first.
   *
   * @param limit how many at most
   */
  List<WorkflowSummary> list(List<WorkflowState> states, int limit);

  /** Tells of one workflow and its steps, in the order in which they began; null: there is none. */
  @Nullable WorkflowDetails find(String id);

  /**
   * Asks whoever runs a workflow to stop it; one that nobody runs is cancelled at once.
   *
   * @return the state found; null: there is none of that id
   */
  @Nullable WorkflowState cancel(String id);

  /**
   * Lets a cancelled or failed workflow be opened again; no effect on others.
   *
   * @return what is known of it; null: there is none of that id
   */
  @Nullable WorkflowSummary revive(String id);

  /**
   * Removes workflows that nobody runs, with all of their steps.
   *
   * @param id one alone; null: all that the other parameter fits
   * @param before only those that were last changed before; null: whenever they were
   * @param states only those in one of these states
   * @return ids of those removed
   */
  List<String> remove(@Nullable String id, @Nullable Instant before, List<WorkflowState> states);

  /** Ends what this process does with it. Workflows that are still open are left as they are. */
  @Override
  void close();
}
