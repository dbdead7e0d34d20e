package dev.capsule.wasmtime;

/** A platform thread whose stack is known to have room for a guest. */
final class GuestThread extends Thread {
  private final long stackBytes;

  /** Whether a guest runs on this thread. Only the thread itself reads or writes it. */
  private boolean busy;

  GuestThread(String name, long stackBytes, Runnable task) {
    super(null, task, name, stackBytes);
    this.stackBytes = stackBytes;
    setDaemon(true);
  }

  /** Makes sure that the current thread can run a guest, and notes that it does. */
  static GuestThread enter(long maxWasmStackBytes) {
    if (!(Thread.currentThread() instanceof GuestThread thread)) {
      throw new IllegalStateException(
          "guests run on threads made by Threads.platform or Threads.factory, not on "
              + Thread.currentThread());
    }
    long needed = maxWasmStackBytes + Threads.HOST_STACK_BYTES;
    if (thread.stackBytes < needed) {
      throw new IllegalStateException(
          "%s has a stack of %,d bytes; this engine's guests need %,d"
              .formatted(thread.getName(), thread.stackBytes, needed));
    }
    if (thread.busy) {
      throw new IllegalStateException(
          "a host function cannot run a guest on its own thread, which the waiting guest's stack"
              + " occupies: use another thread");
    }
    thread.busy = true;
    return thread;
  }

  void leave() {
    busy = false;
  }
}
