package dev.capsule.sidecar.bundle;

import org.jspecify.annotations.Nullable;

/** A program cannot be bundled: what happened, where, and what to do. */
public final class BundleException extends Exception {
  private static final long serialVersionUID = 1;
  private final @Nullable String file;
  private final @Nullable Integer line;
  private final @Nullable Integer column;

  BundleException(String message) {
    this(message, null, null, null);
  }

  /**
   * @param file as shown to users; null: it is about none
   * @param line from 1
   * @param column from 1
   */
  BundleException(
      String message, @Nullable String file, @Nullable Integer line, @Nullable Integer column) {
    super(message, null, false, false);
    this.file = file;
    this.line = line;
    this.column = column;
  }

  /** The file of the program that it is about; null: none. */
  public @Nullable String file() {
    return file;
  }

  /** From 1; null: it is about no line. */
  public @Nullable Integer line() {
    return line;
  }

  /** From 1; null: it is about no place in the line. */
  public @Nullable Integer column() {
    return column;
  }
}
