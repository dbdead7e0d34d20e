package dev.capsule.wasmtime;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * A component that is ready to be called. It lives as long as its store, and the same rules apply
 * to it. Once a call has failed with a {@link WasmFailure} it cannot be called again.
 */
public final class Instance {
  /** Size of {@code wasmtime_component_func_t}. */
  private static final int FUNC = 32;

  private final Store store;
  private final Component component;
  private final Api api;
  private final Values values;

  /** The two words of {@code wasmtime_component_instance_t}. */
  private final long id;

  private final long index;

  /** The export that was called last and its {@code wasmtime_component_func_t}. */
  private @Nullable Export lastExport;

  private final long[] lastFunc = new long[FUNC / 8];

  Instance(Store store, Component component, long id, long index) {
    this.store = store;
    this.component = component;
    this.id = id;
    this.index = index;
    Wasmtime wasmtime = store.engine().wasmtime();
    api = wasmtime.api();
    values = wasmtime.values();
  }

  /**
   * Calls an exported function. Runs on a thread of {@link Threads}.
   *
   * @param args of the types that the function declares
   * @return the result; null if the function has none
   * @throws WasmFailure if the guest fails
   * @throws WasmtimeException if an argument is not of the declared type, the export is not a
   *     function, or an earlier call failed
   * @throws IllegalArgumentException if the export is another component's, or the number of
   *     arguments is wrong
   */
  public @Nullable Val call(Export export, Val... args) {
    if (export.component() != component) {
      throw new IllegalArgumentException("export " + export + " is another component's");
    }
    store.owner().enter();
    try {
      GuestThread thread = GuestThread.enter(store.engine().config().maxWasmStackBytes());
      try (Arena arena = Arena.ofConfined()) {
        // One block: the function, the arguments, the result.
        long func = arena.allocate(FUNC + (args.length + 1) * Values.VAL, 8).address();
        boolean hasResult = resolve(export, func, args.length);
        return call(func, func + FUNC, args, hasResult);
      } finally {
        thread.leave();
      }
    } finally {
      store.owner().exit();
    }
  }

  private @Nullable Val call(long func, long argVals, Val[] args, boolean hasResult) {
    long resultVal = argVals + args.length * Values.VAL;
    try {
      for (int i = 0; i < args.length; i++) {
        values.write(args[i], argVals + i * Values.VAL);
      }
      long error =
          api.funcCall.get(
              func, store.context(), argVals, (long) args.length, resultVal, hasResult ? 1L : 0L);
      if (error != 0) {
        throw store.guestErrors().ofCall(error);
      }
      return hasResult ? values.read(resultVal) : null;
    } finally {
      values.delete(argVals, args.length + 1);
    }
  }

  /** Puts the export's function at {@code func}; returns whether it has a result. */
  private boolean resolve(Export export, long func, int args) {
    if (export != lastExport) {
      find(export, func);
    }
    for (int i = 0; i < lastFunc.length; i++) {
      Memory.putLong(func + 8L * i, lastFunc[i]);
    }
    Export.Signature signature = export.signature(api, func, store.context());
    if (signature.parameters() != args) {
      throw new IllegalArgumentException(
          "%s takes %d arguments, not %d".formatted(export, signature.parameters(), args));
    }
    return signature.result();
  }

  private void find(Export export, long func) {
    component.borrow(); // the export's native half goes with the component
    try (Arena arena = Arena.ofConfined()) {
      long instance = arena.allocate(16, 8).address();
      Memory.putLong(instance, id);
      Memory.putLong(instance + 8, index);
      lastExport = null;
      if (!api.instanceFunc.test(instance, store.context(), export.pointer(), func)) {
        throw new WasmtimeException("export " + export + " is not a function");
      }
    } finally {
      component.giveBack();
    }
    for (int i = 0; i < lastFunc.length; i++) {
      lastFunc[i] = Memory.getLong(func + 8L * i);
    }
    lastExport = export;
  }
}
