package dev.capsule.repl.mcp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Lines of UTF-8, as messages come. One that is too long is passed over without being kept. */
final class Lines {
  /** A line, or what is wrong with it. */
  sealed interface Line {
    /** Text without its line end. */
    record Text(String text, int bytes) implements Line {}

    /** No text. */
    record Bad(String problem) implements Line {}
  }

  private static final int CHUNK = 64 * 1024;

  private final InputStream in;
  private final int maxBytes;
  private final byte[] chunk = new byte[CHUNK];
  private int from;
  private int to;

  Lines(InputStream in, int maxBytes) {
    this.in = in;
    this.maxBytes = maxBytes;
  }

  /** The next line that is not empty; null at the end. */
  @Nullable Line next() throws IOException {
    while (true) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      long length = 0;
      boolean ended = false;
      while (!ended) {
        if (from == to && !fill()) {
          break;
        }
        int end = from;
        while (end < to && chunk[end] != '\n') {
          end++;
        }
        length += end - from;
        if (length <= maxBytes) {
          line.write(chunk, from, end - from);
        } else {
          line.reset();
        }
        ended = end < to;
        from = ended ? end + 1 : end;
      }
      if (length > maxBytes) {
        return new Line.Bad(
            "a message has at most " + maxBytes + " bytes, and this one had " + length);
      }
      if (line.size() > 1 || (line.size() == 1 && line.toByteArray()[0] != '\r')) {
        return decode(line.toByteArray());
      }
      if (!ended) {
        return null;
      }
    }
  }

  private boolean fill() throws IOException {
    from = 0;
    to = Math.max(0, in.read(chunk));
    return to > 0;
  }

  private static Line decode(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return new Line.Text(text, bytes.length);
    } catch (CharacterCodingException e) {
      return new Line.Bad("a message must be UTF-8");
    }
  }
}
