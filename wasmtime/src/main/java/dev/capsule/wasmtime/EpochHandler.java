package dev.capsule.wasmtime;

/** Decides what happens when a store's epoch deadline is reached while a guest computes. */
@FunctionalInterface
public interface EpochHandler {
  /**
   * Called on the guest's thread, between two of its instructions. It may take its time: the guest
   * waits.
   *
   * @return how many epochs from now to be called again, at least 1
   * @throws Exception to end the guest, with a {@link WasmFailure.HostFailure} that has it as its
   *     cause
   */
  long onDeadline() throws Exception;
}
