package dev.capsule.sidecar.bundle;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message of esbuild's service mode, which its own JavaScript API speaks over pipes, see <a
 * href="https://github.com/evanw/esbuild/blob/main/lib/shared/stdio_protocol.ts">
 * stdio_protocol.ts</a>. Numbers are little-endian; a value is null, a Boolean, an Integer, a
 * String, bytes, a List, or a Map with names as its keys.
 *
 * @param request whether it wants an answer, or else is one
 */
record Packet(int id, boolean request, Map<String, ?> value) {
  private static final int MAX_BYTES = 512 << 20;
  private static final int MAX_DEPTH = 32;

  /** As it goes over the pipe, with its length before it. */
  byte[] encode() {
    Writer writer = new Writer();
    writer.number(0);
    writer.number(id << 1 | (request ? 0 : 1));
    writer.value(value);
    byte[] bytes = writer.bytes.toByteArray();
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(0, bytes.length - Integer.BYTES);
    return bytes;
  }

  /** Reads one; waits for it. */
  static Packet read(DataInputStream in) throws IOException {
    return decode(readBytes(in));
  }

  /** Reads what a length precedes. */
  static byte[] readBytes(DataInputStream in) throws IOException {
    int length = Integer.reverseBytes(in.readInt());
    if (length < 0 || length > MAX_BYTES) {
      throw new IOException("a message of " + Integer.toUnsignedLong(length) + " bytes");
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return bytes;
  }

  static Packet decode(byte[] bytes) throws IOException {
    Reader reader = new Reader(bytes);
    int id = reader.number();
    if (reader.value(0) instanceof Map<?, ?> map && !reader.left.hasRemaining()) {
      Map<String, Object> value = new LinkedHashMap<>();
      map.forEach((name, each) -> value.put((String) name, each));
      return new Packet(id >>> 1, (id & 1) == 0, value);
    }
    throw new IOException("not a message");
  }

  private static final class Writer {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    void number(int number) {
      bytes.write(number);
      bytes.write(number >> 8);
      bytes.write(number >> 16);
      bytes.write(number >> 24);
    }

    void bytes(byte[] content) {
      number(content.length);
      bytes.writeBytes(content);
    }

    void value(@Nullable Object value) {
      switch (value) {
        case null -> bytes.write(0);
        case Boolean truth -> {
          bytes.write(1);
          bytes.write(truth ? 1 : 0);
        }
        case Integer number -> {
          bytes.write(2);
          number(number);
        }
        case String text -> {
          bytes.write(3);
          bytes(text.getBytes(StandardCharsets.UTF_8));
        }
        case byte[] content -> {
          bytes.write(4);
          bytes(content);
        }
        case List<?> list -> {
          bytes.write(5);
          number(list.size());
          list.forEach(this::value);
        }
        case Map<?, ?> map -> {
          bytes.write(6);
          number(map.size());
          map.forEach((name, each) -> {
            bytes(((String) name).getBytes(StandardCharsets.UTF_8));
            value(each);
          });
        }
        default -> throw new IllegalArgumentException("cannot be sent: " + value.getClass());
      }
    }
  }

  private static final class Reader {
    final ByteBuffer left;

    Reader(byte[] bytes) {
      this.left = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    int number() throws IOException {
      require(Integer.BYTES);
      return left.getInt();
    }

    private void require(int bytes) throws IOException {
      if (bytes < 0 || left.remaining() < bytes) {
        throw new IOException("a message that is cut off");
      }
    }

    private byte[] bytes() throws IOException {
      int length = number();
      require(length);
      byte[] content = new byte[length];
      left.get(content);
      return content;
    }

    private String text() throws IOException {
      return new String(bytes(), StandardCharsets.UTF_8);
    }

    /** How many values follow, each at least a byte long. */
    private int count() throws IOException {
      int count = number();
      require(count);
      return count;
    }

    @Nullable Object value(int depth) throws IOException {
      require(1);
      if (depth > MAX_DEPTH) {
        throw new IOException("a message that is nested too deeply");
      }
      return switch (left.get()) {
        case 0 -> null;
        case 1 -> {
          require(1);
          yield left.get() != 0;
        }
        case 2 -> number();
        case 3 -> text();
        case 4 -> bytes();
        case 5 -> {
          int count = count();
          List<@Nullable Object> list = new ArrayList<>(count);
          for (int i = 0; i < count; i++) {
            list.add(value(depth + 1));
          }
          yield list;
        }
        case 6 -> {
          int count = count();
          Map<String, @Nullable Object> map = new LinkedHashMap<>();
          for (int i = 0; i < count; i++) {
            map.put(text(), value(depth + 1));
          }
          yield map;
        }
        default -> throw new IOException("not a message");
      };
    }
  }
}
