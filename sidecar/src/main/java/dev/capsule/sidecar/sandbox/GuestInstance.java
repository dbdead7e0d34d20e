package dev.capsule.sidecar.sandbox;

import dev.capsule.sidecar.sandbox.Ending.Usage;
import dev.capsule.wasmtime.EpochHandler;
import dev.capsule.wasmtime.Instance;
import dev.capsule.wasmtime.Store;
import dev.capsule.wasmtime.Val;
import dev.capsule.wasmtime.WasiConfig;
import dev.capsule.wasmtime.WasmFailure;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox that has run nothing of any user; good for one attempt, or for those of one {@link
 * KeptInstance}.
 */
final class GuestInstance {
  private static final long PAGE_BYTES = 64 << 10;
  private static final long HEAVY_BYTES = 48L << 20;
  private static final long FUEL_TO_MEASURE = 100_000;
  private static final String PING = "{\"op\":\"ping\"}";

  /** About four seconds, and what megabytes of source take. */
  private static final long COMPILE_FUEL = 50_000_000_000L;

  private static final long COMPILE_MEMORY = 1L << 30;
  private static final String TOO_MUCH =
      "{\"type\":\"source_error\",\"message\":\"the source is too long or too deeply nested to be"
          + " compiled\"}";

  private final InstancePool pool;
  private final GuestImage image;
  private final Store store;
  private final Instance instance;
  private @Nullable FileMeter meter;
  private volatile boolean heavy = true;

  private GuestInstance(InstancePool pool, GuestImage image, Store store, Instance instance) {
    this.pool = pool;
    this.image = image;
    this.store = store;
    this.instance = instance;
  }

  /**
   * Creates one.
   *
   * @param warm whether to run a trusted no-op in it, which touches the memory that every task
   *     touches
   */
  static GuestInstance create(InstancePool pool, GuestImage image, boolean warm) {
    Store store = new Store(image.engine());
    try {
      store.setFuel(Long.MAX_VALUE);
      store.setWasi(new WasiConfig());
      store.setEpochDeadline(Long.MAX_VALUE >> 1);
      Instance instance = store.instantiate(image.linker(), image.component());
      GuestInstance created = new GuestInstance(pool, image, store, instance);
      if (warm) {
        created.run(PING);
      }
      return created;
    } catch (Throwable e) {
      store.close();
      throw e;
    }
  }

  /** Gives it to an attempt: from here on its limits and grants hold. */
  void bind(GuestAttempt attempt, WasiConfig wasi) {
    meter = attempt.meter();
    store.attach(attempt);
    store.setWasi(wasi);
    store.limitMemory(attempt.start().memoryBytes());
    store.setFuel(attempt.start().fuel());
    store.onEpochDeadline(this::onEpoch);
    store.setEpochDeadline(1);
  }

  /** Gives it to another attempt of the same owner; what it was granted stays. */
  void bindAgain(GuestAttempt attempt) {
    store.attach(attempt);
    store.setFuel(attempt.start().fuel());
    store.setEpochDeadline(1);
  }

  private long onEpoch() {
    if (store.attachment() instanceof GuestAttempt attempt) {
      attempt.onEpoch();
    }
    return 1;
  }

  String run(String request) {
    if (instance.call(image.run(), new Val.Str(request)) instanceof Val.Str(String reply)) {
      return reply;
    }
    throw new IllegalStateException("the guest's run does not return a string");
  }

  /**
   * Compiles a module, which is hostile input as a task is.
   *
   * @param handler called at each epoch
   */
  Compiled compile(String request, EpochHandler handler) {
    store.limitMemory(COMPILE_MEMORY);
    store.setFuel(COMPILE_FUEL);
    store.onEpochDeadline(handler);
    store.setEpochDeadline(1);
    try {
      return compile(request);
    } catch (WasmFailure.HostFailure e) {
      throw e;
    } catch (WasmFailure e) {
      return new Compiled.Rejected(TOO_MUCH);
    }
  }

  private Compiled compile(String request) {
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
      if (instance.call(image.memoryPages()) instanceof Val.U32(long pages)) {
        heavy = pages * PAGE_BYTES > HEAVY_BYTES;
        return new Usage(used, pages * PAGE_BYTES);
      }
      return new Usage(used, null);
    } catch (WasmFailure e) {
      return new Usage(used, null);
    }
  }

  /** Whether it may hold so much that it must be freed soon; true if that is not known. */
  boolean isHeavy() {
    return heavy || (meter != null && meter.hasHandles());
  }

  /** Hands it over to be freed. */
  void drop() {
    pool.drop(this);
  }

  void free() {
    store.close();
    if (meter != null) {
      meter.close();
    }
  }
}
