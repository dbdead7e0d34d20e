package dev.capsule.wasmtime;

/**
 * The pooling allocator: space for a fixed number of instances is reserved once, and an instance
 * takes and returns a slot instead of asking the operating system for memory.
 *
 * @param instances how many component instances may live at a time
 * @param maxMemoryBytes how large a linear memory may grow, at most 4 GiB. Address space for 4 GiB
 *     and more is reserved for each memory, whatever this says
 * @param maxTableElements how large a table may grow
 * @param maxCoreInstancesPerComponent how many core instances a component may have
 * @param maxMemoriesPerComponent how many linear memories a component may have
 * @param maxTablesPerComponent how many tables a component may have
 * @param memoryKeepResidentBytes how much of a memory is cleared by writing to it when its slot is
 *     returned, instead of giving the pages back; more means fewer page faults and slower returns
 * @param tableKeepResidentBytes the same of a table
 * @param maxUnusedWarmSlots how many unused slots stay prepared for the component they held last
 */
public record PoolConfig(
    int instances,
    long maxMemoryBytes,
    int maxTableElements,
    int maxCoreInstancesPerComponent,
    int maxMemoriesPerComponent,
    int maxTablesPerComponent,
    long memoryKeepResidentBytes,
    long tableKeepResidentBytes,
    int maxUnusedWarmSlots) {

  private static final long MAX_MEMORY_BYTES = 4L << 30;

  /** 4 GiB of address space each: 16 TiB of the 128 that a process has on common machines. */
  private static final int MAX_MEMORIES = 4096;

  /** Checks the ranges: Wasmtime ends the process over a pool that it cannot reserve. */
  public PoolConfig {
    Check.range("instances", instances, 1, MAX_MEMORIES);
    Check.range("maxMemoryBytes", maxMemoryBytes, 64 << 10, MAX_MEMORY_BYTES);
    Check.range("maxTableElements", maxTableElements, 0, 10_000_000);
    Check.range("maxCoreInstancesPerComponent", maxCoreInstancesPerComponent, 1, 10_000);
    Check.range("maxMemoriesPerComponent", maxMemoriesPerComponent, 0, 100);
    Check.range("maxTablesPerComponent", maxTablesPerComponent, 0, 1000);
    Check.range("memoryKeepResidentBytes", memoryKeepResidentBytes, 0, MAX_MEMORY_BYTES);
    Check.range("tableKeepResidentBytes", tableKeepResidentBytes, 0, 1 << 30);
    Check.range("maxUnusedWarmSlots", maxUnusedWarmSlots, 0, Integer.MAX_VALUE);
    Check.range(
        "instances * maxMemoriesPerComponent",
        (long) instances * maxMemoriesPerComponent,
        0,
        MAX_MEMORIES);
  }

  /**
   * A pool for components of one memory and up to 100 core instances, as the Python and JavaScript
   * tool chains make them. A slot is kept warm after use, its pages are not.
   */
  public static PoolConfig of(int instances, long maxMemoryBytes) {
    return new PoolConfig(instances, maxMemoryBytes, 20_000, 100, 1, 20, 0, 0, instances);
  }

  /** This pool with another number of resident bytes a memory. */
  public PoolConfig withMemoryKeepResidentBytes(long bytes) {
    return new PoolConfig(
        instances,
        maxMemoryBytes,
        maxTableElements,
        maxCoreInstancesPerComponent,
        maxMemoriesPerComponent,
        maxTablesPerComponent,
        bytes,
        tableKeepResidentBytes,
        maxUnusedWarmSlots);
  }
}
