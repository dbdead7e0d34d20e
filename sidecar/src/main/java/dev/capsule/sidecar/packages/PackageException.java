package dev.capsule.sidecar.packages;

import org.jspecify.annotations.Nullable;

/** A program's dependencies are not to be had: what happened, and what to do, in one message. */
public final class PackageException extends Exception {
  private static final long serialVersionUID = 1;
  private final @Nullable Integer line;
  private final @Nullable String requirement;

  PackageException(String message) {
    this(message, null, null);
  }

  /**
   * @param line of the program's entry that it is about, from 1; null: none
   */
  PackageException(String message, @Nullable Integer line) {
    this(message, line, null);
  }

  /**
   * @param requirement the normalised name of the package without which it would not have happened;
   *     null: not one alone
   */
  PackageException(String message, @Nullable Integer line, @Nullable String requirement) {
    super(message, null, false, false);
    this.line = line;
    this.requirement = requirement;
  }

  /** The line of the program's entry, from 1; null if it is about none. */
  public @Nullable Integer line() {
    return line;
  }

  /** The package that the program asks for and that led to this; null: not one alone. */
  public @Nullable String requirement() {
    return requirement;
  }
}
