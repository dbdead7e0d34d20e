package dev.capsule.wasmtime;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * The memory and the limits of one or more instances. A store may be used by any thread, by one at
 * a time: a second one, a call from inside a host function, and any use after {@link #close} get an
 * {@link IllegalStateException}.
 */
public final class Store implements AutoCloseable {
  /** As good as no deadline, and far from overflowing when the current epoch is added. */
  static final long NEVER = Long.MAX_VALUE / 2;

  /** How large tables may grow: 16 MB each. Without a pool nothing else bounds them. */
  private static final long MAX_TABLE_ELEMENTS = 1_000_000;

  private final Engine engine;
  private final Api api;
  private final long pointer;
  private final long context;
  private final long key;

  private final Owner owner = new Owner();
  private final GuestErrors guestErrors;

  private volatile @Nullable Object attachment;
  private volatile @Nullable Throwable outputFailure;

  /** Only the thread that holds the store reads or writes it. */
  private boolean hasWasi;

  /** Makes a store with unlimited fuel and memory and without a deadline. */
  public Store(Engine engine) {
    this.engine = engine;
    api = engine.wasmtime().api();
    guestErrors = new GuestErrors(engine.wasmtime().errors());
    key = engine.wasmtime().callbacks().register(this);
    long enginePointer;
    try {
      enginePointer = engine.borrow();
    } catch (IllegalStateException e) {
      engine.wasmtime().callbacks().unregister(key);
      throw e;
    }
    try {
      pointer = api.storeNew.get(enginePointer, key, 0);
    } finally {
      engine.giveBack();
    }
    context = api.storeContext.get(pointer);
    limitMemory(-1);
    if (engine.config().fuel()) {
      setFuel(Long.MAX_VALUE);
    }
    if (engine.config().epochs()) {
      setEpochDeadline(NEVER);
    }
  }

  /**
   * Limits every linear memory, from the next instantiation or growth on.
   *
   * @param bytes the limit, or -1 for none
   */
  public void limitMemory(long bytes) {
    Check.range("bytes", bytes, -1, Long.MAX_VALUE);
    owner.enter();
    try {
      api.storeLimiter.run(pointer, bytes, MAX_TABLE_ELEMENTS, -1, -1, -1);
    } finally {
      owner.exit();
    }
  }

  /**
   * Sets the fuel left. About one unit is used for each instruction.
   *
   * @throws WasmtimeException if the engine does not meter fuel
   */
  public void setFuel(long fuel) {
    Check.range("fuel", fuel, 0, Long.MAX_VALUE);
    boolean entered = owner.enterOrJoin();
    try {
      engine.wasmtime().errors().check(api.contextSetFuel.get(context, fuel));
    } finally {
      if (entered) {
        owner.exit();
      }
    }
  }

  /**
   * The fuel left.
   *
   * @throws WasmtimeException if the engine does not meter fuel
   */
  public long fuel() {
    boolean entered = owner.enterOrJoin();
    try (Arena arena = Arena.ofConfined()) {
      long out = arena.allocate(8, 8).address();
      engine.wasmtime().errors().check(api.contextGetFuel.get(context, out));
      return Memory.getLong(out);
    } finally {
      if (entered) {
        owner.exit();
      }
    }
  }

  /**
   * Interrupts guests once the engine's epoch has advanced so far.
   *
   * @param ticksFromNow calls of {@link Engine#incrementEpoch} from now
   */
  public void setEpochDeadline(long ticksFromNow) {
    Check.range("ticksFromNow", ticksFromNow, 0, Long.MAX_VALUE);
    boolean entered = owner.enterOrJoin();
    try {
      api.contextSetEpochDeadline.run(context, Math.min(ticksFromNow, NEVER));
    } finally {
      if (entered) {
        owner.exit();
      }
    }
  }

  /**
   * Has a handler called when the epoch deadline is reached, in place of the one before; without
   * one the guest is interrupted.
   */
  public void onEpochDeadline(EpochHandler handler) {
    owner.enter();
    try {
      Callbacks callbacks = engine.wasmtime().callbacks();
      long handlerKey = callbacks.register(new Callbacks.EpochDeadline(handler, this));
      api.storeEpochCallback.run(
          pointer, callbacks.epochStub(), handlerKey, callbacks.releaseStub());
    } finally {
      owner.exit();
    }
  }

  /**
   * Sets what guests get through WASI, in place of what they had. May be called when the guest is
   * instantiated already: folders and streams are looked up at each use, which makes it possible to
   * prepare instances before it is known what they may do.
   *
   * @throws WasmtimeException if a folder cannot be opened; the store is as it was
   */
  public void setWasi(WasiConfig config) {
    owner.enter();
    try {
      bind(config);
    } finally {
      owner.exit();
    }
  }

  private void bind(WasiConfig config) {
    long wasi = config.create(this, engine.wasmtime());
    engine.wasmtime().errors().check(api.contextSetWasi.get(context, wasi));
    hasWasi = true;
  }

  /** Leaves an object with the store, for its host functions to find. */
  public void attach(@Nullable Object object) {
    attachment = object;
  }

  /** What was left by {@link #attach}. */
  public @Nullable Object attachment() {
    return attachment;
  }

  /** The first exception that an {@link OutputSink} of this store threw, if any did. */
  public @Nullable Throwable outputFailure() {
    return outputFailure;
  }

  /**
   * Makes an instance, and runs its start functions. Runs on a thread of {@link Threads}.
   *
   * @throws WasmtimeException if an import is missing or of another type, or the pool is exhausted
   * @throws WasmFailure if a start function fails, or the memory limit is too low
   */
  public Instance instantiate(Linker linker, Component component) {
    if (linker.engine() != engine || component.engine() != engine) {
      throw new IllegalArgumentException("linker, component and store have different engines");
    }
    owner.enter();
    try {
      GuestThread thread = GuestThread.enter(engine.config().maxWasmStackBytes());
      try {
        return create(linker, component);
      } finally {
        thread.leave();
      }
    } finally {
      owner.exit();
    }
  }

  private Instance create(Linker linker, Component component) {
    if (linker.hasWasi() && !hasWasi) {
      bind(new WasiConfig()); // a call to WASI without a context ends the process
    }
    long linkerPointer = linker.borrowFrozen();
    try {
      long componentPointer = component.borrow();
      try (Arena arena = Arena.ofConfined()) {
        long out = arena.allocate(16, 8).address();
        long error = api.linkerInstantiate.get(linkerPointer, context, componentPointer, out);
        if (error != 0) {
          throw guestErrors.ofInstantiation(error);
        }
        return new Instance(this, component, Memory.getLong(out), Memory.getLong(out + 8));
      } finally {
        component.giveBack();
      }
    } finally {
      linker.giveBack();
    }
  }

  /** Frees the store and its instances. */
  @Override
  public void close() {
    if (owner.close()) {
      api.storeDelete.run(pointer);
      engine.wasmtime().callbacks().unregister(key);
    }
  }

  /** Keeps the first one; called by whatever thread writes. */
  synchronized void outputFailed(Throwable thrown) {
    if (outputFailure == null) {
      outputFailure = thrown;
    }
  }

  GuestErrors guestErrors() {
    return guestErrors;
  }

  Owner owner() {
    return owner;
  }

  Engine engine() {
    return engine;
  }

  long context() {
    return context;
  }
}
