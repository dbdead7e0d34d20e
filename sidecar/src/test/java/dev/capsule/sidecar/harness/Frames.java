package dev.capsule.sidecar.harness;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The framing of docs/protocol.md, as a client has it. */
final class Frames {
  private static final String HEADER = "Content-Length: ";

  private Frames() {}

  static void write(OutputStream out, byte[] body) throws IOException {
    out.write((HEADER + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    out.write(body);
    out.flush();
  }

  /** The next message, or null at the end. Anything but a well-formed frame is a failure. */
  static byte @Nullable [] read(InputStream in) throws IOException {
    String header = line(in);
    if (header == null) {
      return null;
    }
    if (!header.startsWith(HEADER)) {
      throw new IOException("no Content-Length but: " + header);
    }
    String empty = line(in);
    if (empty == null || !empty.isEmpty()) {
      throw new IOException("an unexpected header: " + empty);
    }
    int length = Integer.parseInt(header.substring(HEADER.length()));
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("a message of " + length + " bytes ends after " + body.length);
    }
    return body;
  }

  private static @Nullable String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        if (line.isEmpty()) {
          return null;
        }
        throw new EOFException("the output ends inside a header: " + line);
      }
      line.append((char) c);
    }
    if (line.isEmpty() || line.charAt(line.length() - 1) != '\r') {
      throw new IOException("a header line does not end with CR LF: " + line);
    }
    line.setLength(line.length() - 1);
    return line.toString();
  }
}
