package dev.capsule.wasmtime;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A function of the host that a guest imports. */
@FunctionalInterface
public interface HostFunction {
  /**
   * Called on the thread that runs the guest. Nothing it throws can harm the process: the guest
   * ends, and its caller gets a {@link WasmFailure.HostFailure} with the exception as its cause. An
   * error that the guest is to handle is a returned {@link Val.Err}.
   *
   * @param store the store that is executing; see {@link Store#attachment}. Its fuel and deadline
   *     may be read and set; it cannot be called or closed from here
   * @param args the arguments, of the types that the guest declares
   * @return a value of the declared result type; null if the function has no result
   */
  @Nullable Val call(Store store, List<Val> args) throws Exception;
}
