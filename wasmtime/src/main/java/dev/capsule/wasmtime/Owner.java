package dev.capsule.wasmtime;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets one thread at a time use a store, and none once it is closed. The thread that runs a guest
 * holds the store meanwhile; a host function of that guest may then make some of the calls.
 */
final class Owner {
  private static final long NOBODY = 0;
  private static final long CLOSED = -1;

  /** The id of the thread that holds the store, {@link #NOBODY} or {@link #CLOSED}. */
  private final AtomicLong holder = new AtomicLong(NOBODY);

  /** Only the thread that holds the store reads or writes it. */
  private boolean inHostFunction;

  /** Takes the store for the current thread. */
  void enter() {
    long before = holder.compareAndExchange(NOBODY, Thread.currentThread().threadId());
    if (before != NOBODY) {
      throw refuse(before);
    }
  }

  /**
   * Takes the store for the current thread, unless that has it already because it is in a host
   * function.
   *
   * @return whether to {@link #exit}
   */
  boolean enterOrJoin() {
    long me = Thread.currentThread().threadId();
    long before = holder.compareAndExchange(NOBODY, me);
    if (before == NOBODY) {
      return true;
    }
    if (before == me && inHostFunction) {
      return false;
    }
    throw refuse(before);
  }

  void exit() {
    holder.set(NOBODY);
  }

  /** Returns whether this call closed it: false if it was closed already. */
  boolean close() {
    long before = holder.compareAndExchange(NOBODY, CLOSED);
    if (before != NOBODY && before != CLOSED) {
      throw refuse(before);
    }
    return before == NOBODY;
  }

  void enterHostFunction() {
    inHostFunction = true;
  }

  void leaveHostFunction() {
    inHostFunction = false;
  }

  private static IllegalStateException refuse(long holder) {
    if (holder == CLOSED) {
      return new IllegalStateException("the store is closed");
    }
    if (holder == Thread.currentThread().threadId()) {
      return new IllegalStateException("the store is busy with the guest that led to this call");
    }
    return new IllegalStateException("the store is in use by thread #" + holder);
  }
}
