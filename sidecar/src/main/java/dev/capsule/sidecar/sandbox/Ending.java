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

  /**
   * The guest was asked to end what it ran, and then replied.
   *
   * @param reply what it sent, unchecked
   * @param timeout whether it was its time that had run out
   */
  record Interrupted(String reply, boolean timeout, Usage usage) implements Ending {}

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

  /** It was about to write more to files than it may. */
  record OutOfDisk(Usage usage) implements Ending {}

  /**
   * It was about to have more files open than it may.
   *
   * @param max files, streams and folders
   */
  record TooManyOpen(int max, Usage usage) implements Ending {}

  /** All attempts together were about to have more files open than the process can. */
  record NoHandles(Usage usage) implements Ending {}

  /** Somebody stopped it. */
  record Cancelled(Usage usage) implements Ending {}

  /** Something that it was granted is not to be had, or cannot be saved. */
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
