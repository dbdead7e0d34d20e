package dev.capsule.sidecar.sandbox;

import dev.capsule.sidecar.sandbox.Ending.Usage;
import dev.capsule.wasmtime.Instance;
import dev.capsule.wasmtime.Store;
import dev.capsule.wasmtime.Val;
import dev.capsule.wasmtime.WasiConfig;
import dev.capsule.wasmtime.WasmFailure;

/** A warmed sandbox that has run nothing of any user; good for one attempt. */
final class GuestInstance {
  private static final long PAGE_BYTES = 64 << 10;
  private static final long FUEL_TO_MEASURE = 100_000;
  private static final String PING = "{\"op\":\"ping\"}";

  private final InstancePool pool;
  private final GuestImage image;
  private final Store store;
  private final Instance instance;

  private GuestInstance(InstancePool pool, GuestImage image, Store store, Instance instance) {
    this.pool = pool;
    this.image = image;
    this.store = store;
    this.instance = instance;
  }

  /**
   * Creates one and runs a trusted no-op in it, which touches the memory that every task touches.
   */
  static GuestInstance warmed(InstancePool pool, GuestImage image) {
    Store store = new Store(image.engine());
    try {
      store.setFuel(Long.MAX_VALUE);
      store.setWasi(new WasiConfig());
      store.setEpochDeadline(Long.MAX_VALUE >> 1);
      Instance instance = store.instantiate(image.linker(), image.component());
      GuestInstance warmed = new GuestInstance(pool, image, store, instance);
      warmed.run(PING);
      return warmed;
    } catch (Throwable e) {
      store.close();
      throw e;
    }
  }

  /** Gives it to an attempt: from here on its limits and grants hold. */
  void bind(GuestAttempt attempt, WasiConfig wasi) {
    store.attach(attempt);
    store.setWasi(wasi);
    store.limitMemory(attempt.start().memoryBytes());
    store.setFuel(attempt.start().fuel());
    store.onEpochDeadline(() -> {
      attempt.onEpoch();
      return 1;
    });
    store.setEpochDeadline(1);
  }

  String run(String request) {
    if (instance.call(image.run(), new Val.Str(request)) instanceof Val.Str(String reply)) {
      return reply;
    }
    throw new IllegalStateException("the guest's run does not return a string");
  }

  Compiled compile(String request) {
    return switch (instance.call(image.compile(), new Val.Str(request))) {
      case Val.Ok(Val.Str(String code)) -> new Compiled.Code(code);
      case Val.Err(Val.Str(String error)) -> new Compiled.Rejected(error);
      case null, default ->
          throw new IllegalStateException(
              "the guest's compile does not return a result of strings");
    };
  }

  /**
   * What it took to run to its end.
   *
   * @param fuel what it was given
   */
  Usage usage(long fuel) {
    long used = fuel - store.fuel();
    try {
      store.setFuel(FUEL_TO_MEASURE);
      store.setEpochDeadline(Long.MAX_VALUE >> 1);
      return instance.call(image.memoryPages()) instanceof Val.U32(long pages)
          ? new Usage(used, pages * PAGE_BYTES)
          : new Usage(used, null);
    } catch (WasmFailure e) {
      return new Usage(used, null);
    }
  }

  /** Hands it over to be freed. */
  void drop() {
    pool.drop(this);
  }

  void free() {
    store.close();
  }
}
