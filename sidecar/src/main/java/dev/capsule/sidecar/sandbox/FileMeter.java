package dev.capsule.sidecar.sandbox;

import dev.capsule.sidecar.sandbox.Ending.Usage;

/**
 * Counts what one attempt, or all attempts in a kept sandbox, write to files and have open. The
 * guards in the guest's module call it before anything happens (guests/flatten); guest code that
 * calls it by itself only harms itself.
 */
final class FileMeter {
  /** Open files, streams and folders of an attempt. */
  static final int MAX_HANDLES = 256;

  private final long maxBytes;
  private final HandleBudget budget;
  private long bytes;
  private int reserved;
  private boolean touched;

  /**
   * @param maxBytes what may be written
   * @param budget what all attempts have together
   */
  FileMeter(long maxBytes, HandleBudget budget) {
    this.maxBytes = maxBytes;
    this.budget = budget;
  }

  /**
   * Takes note that so many bytes are about to be written, or that a folder is about to change.
   *
   * @param more unsigned
   * @throws ExceededException if it may not write that much
   */
  synchronized void charge(long more) {
    touched = true;
    if (more < 0 || more > maxBytes - bytes) {
      throw new ExceededException(new Ending.OutOfDisk(Usage.UNKNOWN));
    }
    bytes += more;
  }

  /**
   * Takes note that so many handles are about to be open.
   *
   * @throws ExceededException if it may not have that many, or if there are none left
   */
  synchronized void reserve(long handles) {
    if (handles > MAX_HANDLES) {
      throw new ExceededException(new Ending.TooManyOpen(MAX_HANDLES, Usage.UNKNOWN));
    }
    int more = (int) handles - reserved;
    if (more <= 0) {
      return;
    }
    if (!budget.take(more)) {
      throw new ExceededException(new Ending.NoHandles(Usage.UNKNOWN));
    }
    reserved += more;
  }

  /** Whether anything in its folders may have changed. */
  synchronized boolean isTouched() {
    return touched;
  }

  /** Whether the host has set handles aside for it. */
  synchronized boolean hasHandles() {
    return reserved > 0;
  }

  /** Gives back what it reserved; its sandbox must be gone, since that is what closes them. */
  synchronized void close() {
    budget.giveBack(reserved);
    reserved = 0;
  }
}
