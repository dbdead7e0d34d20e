package dev.capsule.repl.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Messages behind {@code Content-Length} headers, as in the Language Server Protocol. */
final class Frames {
  private static final int MAX_HEADER_LINE = 8 * 1024;
  private static final int MAX_BODY = 256 * 1024 * 1024;

  private Frames() {}

  static void write(OutputStream out, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    out.write(("Content-Length: " + bytes.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    out.write(bytes);
    out.flush();
  }

  /** The next message's content, or null at the end of the stream. */
  static @Nullable String read(InputStream in) throws IOException {
    int length = -1;
    boolean begun = false;
    while (true) {
      String line = readLine(in);
      if (line == null) {
        if (begun) {
          throw new EOFException("a header without its content");
        }
        return null;
      }
      begun = true;
      if (line.isEmpty()) {
        break;
      }
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).toLowerCase(Locale.ROOT).equals("content-length")) {
        length = parseLength(line.substring(colon + 1).strip());
      }
    }
    if (length < 0) {
      throw new IOException("a header block without Content-Length");
    }
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("content ends after " + body.length + " of " + length + " bytes");
    }
    return new String(body, StandardCharsets.UTF_8);
  }

  private static int parseLength(String text) throws IOException {
    try {
      int length = Integer.parseInt(text);
      if (length >= 0 && length <= MAX_BODY) {
        return length;
      }
    } catch (NumberFormatException e) {
      // reported below, like a number that is out of range
    }
    throw new IOException("Content-Length is " + text);
  }

  private static @Nullable String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int next = in.read();
      if (next < 0) {
        if (line.isEmpty()) {
          return null;
        }
        throw new EOFException("the stream ends inside a header");
      }
      if (next == '\n') {
        return line.toString();
      }
      if (next != '\r') {
        line.append((char) next);
      }
      if (line.length() > MAX_HEADER_LINE) {
        throw new IOException("a header line is too long");
      }
    }
  }
}
