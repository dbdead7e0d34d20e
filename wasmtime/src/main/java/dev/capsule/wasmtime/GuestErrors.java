package dev.capsule.wasmtime;

import org.jspecify.annotations.Nullable;

/**
 * Turns the error that ended a guest into an exception. If Java code that the guest called has
 * thrown, that is the reason, whatever the error says. Used by the thread that holds the store.
 */
final class GuestErrors {
  private final Errors errors;

  /** The last Java code that the guest called, and what it threw. */
  private String lastCalled = "";

  private @Nullable Throwable thrown;

  GuestErrors(Errors errors) {
    this.errors = errors;
  }

  /** Notes how Java code ended that the guest called. */
  void returned(String called, @Nullable Throwable thrown) {
    lastCalled = called;
    this.thrown = thrown;
  }

  /** What ended a call. Deletes the error. */
  RuntimeException ofCall(long error) {
    Failures.Problem problem = errors.take(error);
    WasmFailure host = ofHost(problem);
    return host != null ? host : Failures.ofCall(problem);
  }

  /** What ended an instantiation. Deletes the error. */
  RuntimeException ofInstantiation(long error) {
    Failures.Problem problem = errors.take(error);
    WasmFailure host = ofHost(problem);
    return host != null ? host : Failures.of(problem);
  }

  private @Nullable WasmFailure ofHost(Failures.Problem problem) {
    Throwable cause = thrown;
    thrown = null;
    if (cause == null && Failures.isMisfitOfHostFunction(problem)) {
      cause =
          new IllegalStateException("it returned what its type does not allow: " + problem.root());
    }
    return cause == null
        ? null
        : new WasmFailure.HostFailure(
            lastCalled + " failed: " + describe(cause), problem.backtrace(), cause);
  }

  /** The exception is foreign code: asking it for its message may fail, too. */
  private static String describe(Throwable thrown) {
    try {
      return thrown.toString();
    } catch (RuntimeException e) {
      return thrown.getClass().getName();
    }
  }
}
