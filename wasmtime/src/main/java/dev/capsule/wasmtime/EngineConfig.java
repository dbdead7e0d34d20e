package dev.capsule.wasmtime;

import org.jspecify.annotations.Nullable;

/**
 * How an {@link Engine} compiles and runs. All of it but the stack's and the pool's sizes changes
 * the generated code, so that a component compiled under one configuration is refused by another.
 *
 * @param fuel whether execution is metered; see {@link Store#setFuel}
 * @param epochs whether execution can be interrupted; see {@link Store#setEpochDeadline}
 * @param maxWasmStackBytes how much stack a guest may use, 64 KiB to 64 MiB. Threads that run
 *     guests need {@link Threads#HOST_STACK_BYTES} more
 * @param pool preallocated space for instances, or null to allocate each by itself
 */
public record EngineConfig(
    boolean fuel, boolean epochs, long maxWasmStackBytes, @Nullable PoolConfig pool) {

  /** Wasmtime's own default: 512 KiB. */
  public static final long DEFAULT_WASM_STACK_BYTES = 512L << 10;

  private static final long MIN_STACK_BYTES = 64L << 10;
  private static final long MAX_STACK_BYTES = 64L << 20;

  /** Checks the range: Wasmtime ends the process over a configuration that it cannot use. */
  public EngineConfig {
    Check.range("maxWasmStackBytes", maxWasmStackBytes, MIN_STACK_BYTES, MAX_STACK_BYTES);
  }
}
