package dev.capsule.sidecar.sandbox;

import org.jspecify.annotations.Nullable;

/** How an attempt ended. */
public sealed interface Ending {
  /** What it took. */
  Usage usage();

  /**
   * The guest replied.
   *
   * @param reply what it sent, unchecked
   */
  record Replied(String reply, Usage usage) implements Ending {}

  /** It ran out of time. */
  record TimedOut(Usage usage) implements Ending {}

  /** It ran out of fuel. */
  record OutOfFuel(Usage usage) implements Ending {}

  /** It needed more memory than it may have, and the guest could not say so itself. */
  record OutOfMemory(Usage usage) implements Ending {}

  /** It recursed too deeply, and the guest could not say so itself. */
  record StackOverflow(Usage usage) implements Ending {}

  /** It ended its process. */
  record Exited(int code, Usage usage) implements Ending {}

  /**
   * The guest's machine code trapped.
   *
   * @param message what Wasmtime says, one line
   */
  record Trapped(String message, Usage usage) implements Ending {}

  /** Somebody stopped it. */
  record Cancelled(Usage usage) implements Ending {}

  /** It never began: something that it was granted is not to be had. */
  record Denied(String message, Usage usage) implements Ending {}

  /** A fault of ours. */
  record Failed(Throwable cause, Usage usage) implements Ending {}

  /**
   * What an attempt took.
   *
   * @param fuel units of fuel; null if it cannot be told
   * @param memoryBytes highest size of its memory; null if it cannot be told, as after a trap
   */
  record Usage(@Nullable Long fuel, @Nullable Long memoryBytes) {
    public static final Usage UNKNOWN = new Usage(null, null);
  }
}
