package dev.capsule.wasmtime;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * Native memory by absolute address, for what the C library allocated. Nothing is checked: every
 * address comes from the library or from an arena that is alive.
 */
final class Memory {
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** Size of {@code wasm_byte_vec_t}: a length and an address. */
  static final long VEC = 16;

  private Memory() {}

  static byte getByte(long address) {
    return ALL.get(JAVA_BYTE, address);
  }

  static short getShort(long address) {
    return ALL.get(JAVA_SHORT_UNALIGNED, address);
  }

  static int getInt(long address) {
    return ALL.get(JAVA_INT_UNALIGNED, address);
  }

  static long getLong(long address) {
    return ALL.get(JAVA_LONG_UNALIGNED, address);
  }

  static float getFloat(long address) {
    return ALL.get(JAVA_FLOAT_UNALIGNED, address);
  }

  static double getDouble(long address) {
    return ALL.get(JAVA_DOUBLE_UNALIGNED, address);
  }

  static void putByte(long address, int value) {
    ALL.set(JAVA_BYTE, address, (byte) value);
  }

  static void putShort(long address, int value) {
    ALL.set(JAVA_SHORT_UNALIGNED, address, (short) value);
  }

  static void putInt(long address, int value) {
    ALL.set(JAVA_INT_UNALIGNED, address, value);
  }

  static void putLong(long address, long value) {
    ALL.set(JAVA_LONG_UNALIGNED, address, value);
  }

  static void putFloat(long address, float value) {
    ALL.set(JAVA_FLOAT_UNALIGNED, address, value);
  }

  static void putDouble(long address, double value) {
    ALL.set(JAVA_DOUBLE_UNALIGNED, address, value);
  }

  static void zero(long address, long bytes) {
    ALL.asSlice(address, bytes).fill((byte) 0);
  }

  static byte[] bytes(long address, long count) {
    byte[] copy = new byte[Math.toIntExact(count)];
    MemorySegment.copy(ALL, JAVA_BYTE, address, copy, 0, copy.length);
    return copy;
  }

  static void putBytes(long address, byte[] bytes) {
    MemorySegment.copy(bytes, 0, ALL, JAVA_BYTE, address, bytes.length);
  }

  /** What a {@code wasm_byte_vec_t} holds. */
  static byte[] vecBytes(long vec) {
    long size = getLong(vec);
    return size == 0 ? new byte[0] : bytes(getLong(vec + 8), size);
  }

  /** The text of a {@code wasm_name_t}; what is not UTF-8 becomes U+FFFD. */
  static String vecText(long vec) {
    return getLong(vec) == 0 ? "" : new String(vecBytes(vec), StandardCharsets.UTF_8);
  }
}
