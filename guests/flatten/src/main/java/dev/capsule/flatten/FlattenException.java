package dev.capsule.flatten;

/**
 * The input is damaged, or has a part that flattening does not understand and so must not touch.
 */
public final class FlattenException extends RuntimeException {
  FlattenException(String message) {
    super(message);
  }

  /** {@code offset} is in bytes from the beginning of the file. */
  static FlattenException at(int offset, String message) {
    return new FlattenException(message + " (at byte 0x%x)".formatted(offset));
  }
}
