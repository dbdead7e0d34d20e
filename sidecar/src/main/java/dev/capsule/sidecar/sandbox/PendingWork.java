package dev.capsule.sidecar.sandbox;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is still to be done for the operation that a guest submitted last. If the guest waits for
 * that operation and nothing else, its own thread does it, which spares waking two others; else it
 * gets a thread of its own. Used by the guest's thread alone.
 */
final class PendingWork {
  private @Nullable Runnable work;
  private long operation;

  /**
   * Takes what is to be done for an operation.
   *
   * @param work null: nothing
   */
  void set(long id, @Nullable Runnable work) {
    handOver();
    this.operation = id;
    this.work = work;
  }

  /** Whether there is something that the calling thread may do while it waits for these ids. */
  boolean isAllThatIsWaitedFor(List<Long> ids, @Nullable Long timeoutMs) {
    return work != null && timeoutMs == null && ids.size() == 1 && ids.getFirst() == operation;
  }

  /** Does it here. An interrupt ends it. */
  void run() {
    Runnable mine = work;
    work = null;
    if (mine != null) {
      mine.run();
    }
  }

  /** Lets another thread do it, if it is there to be done. */
  void handOver() {
    Runnable theirs = work;
    work = null;
    if (theirs != null) {
      Thread.ofVirtual().name("operation").start(theirs);
    }
  }
}
