package dev.capsule.wasmtime;

/**
 * Wasmtime refused what it was asked for: an invalid component, a missing import, a component of
 * another version or machine, an exhausted pool. What a guest does while it runs is a {@link
 * WasmFailure} instead.
 */
public class WasmtimeException extends RuntimeException {
  /** An exception with Wasmtime's own explanation. */
  public WasmtimeException(String message) {
    super(message);
  }

  /** An exception with the Java exception that led to it. */
  public WasmtimeException(String message, Throwable cause) {
    super(message, cause);
  }
}
