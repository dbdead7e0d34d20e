package dev.capsule.sidecar.packages;

import org.jspecify.annotations.Nullable;

/** A program's dependencies are not to be had: what happened, and what to do, in one message. */
public final class PackageException extends Exception {
  private static final long serialVersionUID = 1;
  private final @Nullable Integer line;

  PackageException(String message) {
    this(message, null);
  }

  /**
   * @param line of the program's entry that it is about, from 1; null: none
   */
  PackageException(String message, @Nullable Integer line) {
    super(message, null, false, false);
    this.line = line;
  }

  /** The line of the program's entry, from 1; null if it is about none. */
  public @Nullable Integer line() {
    return line;
  }
}
