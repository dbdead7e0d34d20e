package dev.capsule.flatten;

import java.util.Arrays;

/** Part of a file: bytes that are read later, or copied as they are. */
final class Slice {
  private final byte[] file;
  private final int start;
  private final int end;

  Slice(byte[] file, int start, int end) {
    this.file = file;
    this.start = start;
    this.end = end;
  }

  /** Bytes from the beginning of the file. */
  int start() {
    return start;
  }

  int end() {
    return end;
  }

  BinaryReader reader() {
    return new BinaryReader(file, start, end);
  }

  byte[] toByteArray() {
    return Arrays.copyOfRange(file, start, end);
  }

  int size() {
    return end - start;
  }

  void copyTo(BinaryWriter out) {
    out.bytes(file, start, end);
  }

  /** Copies what lies between two places, given in bytes from the beginning of the file. */
  void copyTo(BinaryWriter out, int from, int to) {
    if (from < start || to > end) {
      throw new IllegalArgumentException("outside of the slice");
    }
    out.bytes(file, from, to);
  }
}
