package dev.capsule.wasmtime;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes the threads that guests run on. A guest's stack is the thread's own; on a thread with too
 * small a stack a guest that recurses deeply would end the process instead of trapping. Java cannot
 * ask how large a thread's stack is, so guests run only on threads made here.
 */
public final class Threads {
  /** The usual size of a stack, in bytes: 8 MiB, of which only what is touched costs memory. */
  public static final long STACK_BYTES = 8L << 20;

  /** What a thread's stack needs beyond the guest's part, for host functions and WASI: 1 MiB. */
  public static final long HOST_STACK_BYTES = 1L << 20;

  private Threads() {}

  /** A daemon thread, not yet started, with the usual stack. */
  public static Thread platform(String name, Runnable task) {
    return platform(name, STACK_BYTES, task);
  }

  /** A daemon thread, not yet started, with a stack of {@code stackBytes} bytes. */
  public static Thread platform(String name, long stackBytes, Runnable task) {
    return new GuestThread(name, stackBytes, task);
  }

  /** Makes daemon threads named {@code prefix-1}, {@code prefix-2}, ... for an executor. */
  public static ThreadFactory factory(String prefix) {
    AtomicLong count = new AtomicLong();
    return task -> platform(prefix + "-" + count.incrementAndGet(), task);
  }
}
