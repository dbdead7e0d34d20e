package dev.capsule.wasmtime;

/** Receives what a guest writes to its standard output or error. */
@FunctionalInterface
public interface OutputSink {
  /**
   * Called on a thread of Wasmtime's, of which there is one a core for all stores: hand the bytes
   * on and return, or the output of other guests waits. A guest that flushes, as C libraries do,
   * waits until this has returned; what it leaves unflushed may come after its function returned.
   *
   * <p>An exception fails the guest's write and closes the stream, and is kept: see {@link
   * Store#outputFailure}.
   *
   * @param bytes what the guest wrote in one go, not empty; the receiver may keep the array
   */
  void write(byte[] bytes);
}
