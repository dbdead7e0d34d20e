package dev.capsule.wasmtime;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * An object of the library that threads use at the same time, such as an engine. Whoever uses it
 * borrows it meanwhile; once closed it cannot be borrowed, and it is freed when it is closed and
 * nobody has it borrowed. So it is freed exactly once, and never under a call.
 */
abstract class NativeObject implements AutoCloseable {
  private static final int CLOSED = 1 << 30;

  private final String name;
  private final long pointer;

  /** The number of borrowers, and {@link #CLOSED}. */
  private final AtomicInteger state = new AtomicInteger();

  NativeObject(String name, long pointer) {
    this.name = name;
    this.pointer = pointer;
  }

  /** Frees the native object. */
  abstract void free(long pointer);

  /** Returns whether it is now borrowed; false if it is closed. */
  final boolean tryBorrow() {
    int now;
    do {
      now = state.get();
      if ((now & CLOSED) != 0) {
        return false;
      }
    } while (!state.compareAndSet(now, now + 1));
    return true;
  }

  /** Returns the pointer, which is good until {@link #giveBack}. */
  final long borrow() {
    if (!tryBorrow()) {
      throw new IllegalStateException("the " + name + " is closed");
    }
    return pointer;
  }

  /** The pointer of an object that the caller has borrowed. */
  final long borrowed() {
    return pointer;
  }

  final void giveBack() {
    if (state.decrementAndGet() == CLOSED) {
      free(pointer);
    }
  }

  /** Closes it. It is freed now, or when the last call that uses it returns. */
  @Override
  public final void close() {
    int before = state.getAndUpdate(now -> now | CLOSED);
    if (before == 0) {
      free(pointer);
    }
  }
}
