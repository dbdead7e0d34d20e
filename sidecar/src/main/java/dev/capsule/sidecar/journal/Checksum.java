package dev.capsule.sidecar.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * CRC-32C over the columns of a row, which the disk, or what lies between, may have changed. It is
 * no protection from people.
 */
final class Checksum {
  private final CRC32C sum = new CRC32C();
  private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);

  Checksum add(long value) {
    sum.update(number.clear().putLong(value).flip());
    return this;
  }

  /** Where a text ends and the next begins counts, and null is not the empty text. */
  Checksum add(@Nullable String text) {
    if (text == null) {
      return add(-1);
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    add(bytes.length);
    sum.update(bytes);
    return this;
  }

  Checksum add(@Nullable Payload payload) {
    return payload == null ? add(-2) : add(payload.inRow()).add(payload.file());
  }

  /** 32 bits. */
  long value() {
    return sum.getValue();
  }
}
