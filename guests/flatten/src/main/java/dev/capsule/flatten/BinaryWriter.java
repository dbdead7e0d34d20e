package dev.capsule.flatten;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Writes the primitives of the binary format, numbers always in their shortest form. */
final class BinaryWriter {
  private byte[] buffer = new byte[64];
  private int size;

  int size() {
    return size;
  }

  /** What was written so far. */
  Slice toSlice() {
    return new Slice(buffer, 0, size);
  }

  BinaryWriter u8(int value) {
    reserve(1);
    buffer[size++] = (byte) value;
    return this;
  }

  BinaryWriter u32(int value) {
    reserve(5);
    int rest = value;
    while ((rest & ~0x7F) != 0) {
      buffer[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    buffer[size++] = (byte) rest;
    return this;
  }

  /** A signed number; its width makes no difference to how it is written. */
  BinaryWriter signed(long value) {
    reserve(10);
    long rest = value;
    while (rest < -64 || rest > 63) {
      buffer[size++] = (byte) (rest | 0x80);
      rest >>= 7;
    }
    buffer[size++] = (byte) (rest & 0x7F);
    return this;
  }

  BinaryWriter bytes(byte[] source, int start, int end) {
    reserve(end - start);
    System.arraycopy(source, start, buffer, size, end - start);
    size += end - start;
    return this;
  }

  BinaryWriter bytes(byte[] source) {
    return bytes(source, 0, source.length);
  }

  BinaryWriter slice(Slice slice) {
    slice.copyTo(this);
    return this;
  }

  BinaryWriter name(String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    return u32(utf8.length).bytes(utf8);
  }

  /** A count, and as many elements. */
  <T> BinaryWriter vector(Collection<T> elements, BiConsumer<BinaryWriter, T> write) {
    u32(elements.size());
    elements.forEach(element -> write.accept(this, element));
    return this;
  }

  /** What {@code content} writes, after its size in bytes. */
  BinaryWriter sized(Consumer<BinaryWriter> content) {
    BinaryWriter inner = new BinaryWriter();
    content.accept(inner);
    return u32(inner.size).bytes(inner.buffer, 0, inner.size);
  }

  BinaryWriter section(int id, Consumer<BinaryWriter> content) {
    return u8(id).sized(content);
  }

  private void reserve(int more) {
    if (more > buffer.length - size) {
      buffer = Arrays.copyOf(buffer, Math.max(size + more, buffer.length * 2));
    }
  }
}
