package dev.capsule.sidecar.rpc;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Ends the process at once. {@link Runtime#halt} waits up to 300 ms for threads that are in native
 * code, as those of guests and of Wasmtime are; whoever waits for the sidecar to end would too.
 */
final class ProcessExit {
  /** Set where the JVM is to write down what it has loaded, which it does when it ends itself. */
  private static final boolean TRAINING = Boolean.getBoolean("capsule.training");

  private ProcessExit() {}

  static void now(int status) {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> exit = linker.defaultLookup().find("_exit");
    if (exit.isPresent() && !TRAINING) {
      try {
        // a shape that the binding of Wasmtime has made already: another one takes milliseconds
        FunctionDescriptor shape = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG);
        long _ = (long) linker.downcallHandle(exit.get(), shape).invokeExact((long) status);
      } catch (Throwable e) {
        // then in the other way
      }
    }
    Runtime.getRuntime().halt(status);
  }
}
