package dev.capsule.wasmtime;

/**
 * A compiler and the space for instances. An engine may be used by many threads. Components,
 * linkers and stores keep what they need of it alive after it is closed.
 */
public final class Engine extends NativeObject {
  private final Wasmtime wasmtime;
  private final EngineConfig config;

  /** Makes an engine; with a pool, its address space is reserved now. */
  public Engine(Wasmtime wasmtime, EngineConfig config) {
    super("engine", create(wasmtime.api(), config));
    this.wasmtime = wasmtime;
    this.config = config;
  }

  private static long create(Api api, EngineConfig config) {
    long settings = api.configNew.get();
    api.configFuel.run(settings, config.fuel());
    api.configEpochs.run(settings, config.epochs());
    api.configMaxWasmStack.run(settings, config.maxWasmStackBytes());
    // Fibers are not used, but Wasmtime insists that a guest's stack would fit into one's.
    api.configAsyncStackSize.run(settings, config.maxWasmStackBytes() + Threads.HOST_STACK_BYTES);
    // Wasmtime ends the process over a future or a stream in a function's type.
    api.configComponentAsync.run(settings, false);
    PoolConfig pool = config.pool();
    if (pool != null) {
      addPool(api, settings, pool);
    }
    return api.engineNew.get(settings);
  }

  private static void addPool(Api api, long settings, PoolConfig config) {
    int instances = config.instances();
    long pool = api.poolNew.get();
    api.poolTotalComponentInstances.run(pool, instances);
    api.poolTotalCoreInstances.run(
        pool, saturated(instances, config.maxCoreInstancesPerComponent()));
    api.poolTotalMemories.run(pool, saturated(instances, config.maxMemoriesPerComponent()));
    api.poolTotalTables.run(pool, saturated(instances, config.maxTablesPerComponent()));
    api.poolTotalStacks.run(pool, 0);
    api.poolMaxCoreInstancesPerComponent.run(pool, config.maxCoreInstancesPerComponent());
    api.poolMaxMemoriesPerComponent.run(pool, config.maxMemoriesPerComponent());
    api.poolMaxTablesPerComponent.run(pool, config.maxTablesPerComponent());
    api.poolMaxMemoriesPerModule.run(pool, config.maxMemoriesPerComponent());
    api.poolMaxTablesPerModule.run(pool, config.maxTablesPerComponent());
    api.poolMaxUnusedWarmSlots.run(pool, config.maxUnusedWarmSlots());
    // Metadata of instances is allocated as needed: these only bound it.
    api.poolMaxComponentInstanceSize.run(pool, 16L << 20);
    api.poolMaxCoreInstanceSize.run(pool, 16L << 20);
    api.poolTableElements.run(pool, (long) config.maxTableElements());
    api.poolMaxMemorySize.run(pool, config.maxMemoryBytes());
    api.poolMemoryKeepResident.run(pool, config.memoryKeepResidentBytes());
    api.poolTableKeepResident.run(pool, config.tableKeepResidentBytes());
    api.configPool.run(settings, pool);
    api.poolDelete.run(pool);
  }

  private static int saturated(int a, int b) {
    return (int) Math.min((long) a * b, Integer.MAX_VALUE);
  }

  /**
   * Advances the epoch by one tick. Guests whose deadline it reaches are interrupted. May be called
   * from any thread, also after close, when it does nothing.
   */
  public void incrementEpoch() {
    if (tryBorrow()) {
      try {
        wasmtime.api().engineIncrementEpoch.run(borrowed());
      } finally {
        giveBack();
      }
    }
  }

  /** The configuration it was made with. */
  public EngineConfig config() {
    return config;
  }

  Wasmtime wasmtime() {
    return wasmtime;
  }

  @Override
  void free(long pointer) {
    wasmtime.api().engineDelete.run(pointer);
  }
}
