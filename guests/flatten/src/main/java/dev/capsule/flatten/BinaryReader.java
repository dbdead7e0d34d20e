package dev.capsule.flatten;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Reads the primitives of the <a href="https://webassembly.github.io/spec/core/binary/">binary
 * format</a> from a part of a file. It never reads beyond that part: what is cut short or malformed
 * is a {@link FlattenException} with the place in the file.
 */
final class BinaryReader {
  private final byte[] file;
  private final int end;
  private int position;

  BinaryReader(byte[] file) {
    this(file, 0, file.length);
  }

  BinaryReader(byte[] file, int start, int end) {
    this.file = file;
    this.position = start;
    this.end = end;
  }

  /** Bytes from the beginning of the file. */
  int position() {
    return position;
  }

  boolean atEnd() {
    return position == end;
  }

  int u8() {
    if (position == end) {
      throw error("unexpected end");
    }
    return file[position++] & 0xFF;
  }

  /** An unsigned number below 2^31: an index, a count or a size. Larger ones are errors. */
  int u32() {
    int start = position;
    int result = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int b = u8();
      if (shift == 28 && b > 7) {
        break;
      }
      result |= (b & 0x7F) << shift;
      if (b < 0x80) {
        return result;
      }
    }
    throw FlattenException.at(start, "malformed or too large number");
  }

  /** A signed number of {@code bits} (32, 33 or 64) bits. */
  long signed(int bits) {
    int start = position;
    long result = 0;
    for (int shift = 0; shift < bits; shift += 7) {
      int b = u8();
      result |= (long) (b & 0x7F) << shift;
      if (b < 0x80) {
        int unused = Math.max(0, 64 - shift - 7);
        long extended = result << unused >> unused;
        // What is beyond the width must repeat the sign.
        int beyond = shift + 7 - bits;
        int top = (byte) (b << 1) >> 1;
        if (beyond > 0 && top >> (6 - beyond) != 0 && top >> (6 - beyond) != -1) {
          break;
        }
        return extended;
      }
    }
    throw FlattenException.at(start, "malformed number");
  }

  /** Passes over a number of at most {@code bits} bits. */
  void skipNumber(int bits) {
    int start = position;
    for (int shift = 0; shift < bits; shift += 7) {
      if (u8() < 0x80) {
        return;
      }
    }
    throw FlattenException.at(start, "malformed number");
  }

  void skip(int bytes) {
    if (bytes > end - position) {
      throw error("unexpected end");
    }
    position += bytes;
  }

  /** Takes the next {@code size} bytes. */
  Slice slice(int size) {
    int start = position;
    skip(size);
    return new Slice(file, start, position);
  }

  /** What was read since {@code start}. */
  Slice since(int start) {
    return new Slice(file, start, position);
  }

  /** Takes a size and as many bytes. */
  Slice sized() {
    return slice(u32());
  }

  String name() {
    int size = u32();
    int start = position;
    skip(size);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(file, start, size))
          .toString();
    } catch (CharacterCodingException e) {
      throw FlattenException.at(start, "name is not UTF-8");
    }
  }

  /** A count, and as many elements. */
  <T> List<T> vector(Function<BinaryReader, T> element) {
    int count = u32();
    if (count > end - position) {
      throw error("unexpected end: " + count + " elements announced");
    }
    List<T> result = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      result.add(element.apply(this));
    }
    return result;
  }

  /** The part must end here. */
  void expectEnd(String what) {
    if (position != end) {
      throw error(what + " is longer than its contents");
    }
  }

  /** The next byte must be {@code value}. */
  void expect(int value, String what) {
    int start = position;
    if (u8() != value) {
      throw FlattenException.at(start, "unsupported or malformed " + what);
    }
  }

  FlattenException error(String message) {
    return FlattenException.at(position, message);
  }
}
