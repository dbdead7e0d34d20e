package dev.capsule.wasmtime;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The guest stopped before its function returned. Its instance cannot be called again; its store
 * can only be asked for its fuel, and closed.
 */
public abstract sealed class WasmFailure extends RuntimeException {
  private final String backtrace;

  private WasmFailure(String message, String backtrace, @Nullable Throwable cause) {
    super(message, cause);
    this.backtrace = backtrace;
  }

  /**
   * The guest's frames, one a line, innermost first; empty if there were none. It holds names that
   * the guest chose.
   */
  public String backtrace() {
    return backtrace;
  }

  /** All fuel was used up. See {@link Store#setFuel}. */
  public static final class OutOfFuel extends WasmFailure {
    OutOfFuel(String message, String backtrace) {
      super(message, backtrace, null);
    }
  }

  /** The epoch deadline passed. See {@link Store#setEpochDeadline}. */
  public static final class Interrupted extends WasmFailure {
    Interrupted(String message, String backtrace) {
      super(message, backtrace, null);
    }
  }

  /**
   * The memory limit does not even allow the initial memory. A guest that asks for more later is
   * told so ({@code memory.grow} returns -1) and decides itself what to do about it.
   */
  public static final class OutOfMemory extends WasmFailure {
    OutOfMemory(String message, String backtrace) {
      super(message, backtrace, null);
    }
  }

  /** The guest recursed beyond {@link EngineConfig#maxWasmStackBytes}. */
  public static final class StackOverflow extends WasmFailure {
    StackOverflow(String message, String backtrace) {
      super(message, backtrace, null);
    }
  }

  /** The guest called WASI {@code exit}. */
  public static final class Exit extends WasmFailure {
    private final int code;

    Exit(int code, String backtrace) {
      super("the guest exited with code " + code, backtrace, null);
      this.code = code;
    }

    /** The exit code: 0 for success. */
    public int code() {
      return code;
    }
  }

  /** Any other trap: unreachable code, an access out of bounds, a division by zero, ... */
  public static final class GuestTrap extends WasmFailure {
    GuestTrap(String message, String backtrace) {
      super(message, backtrace, null);
    }
  }

  /** A {@link HostFunction} threw, or returned what its type does not allow. */
  public static final class HostFailure extends WasmFailure {
    HostFailure(String message, String backtrace, Throwable cause) {
      super(message, backtrace, cause);
    }

    /** What the host function threw. */
    @Override
    public synchronized Throwable getCause() {
      return Objects.requireNonNull(super.getCause());
    }
  }
}
