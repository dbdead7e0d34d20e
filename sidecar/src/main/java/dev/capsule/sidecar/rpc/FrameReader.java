package dev.capsule.sidecar.rpc;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Cuts a stream into messages, as the Language Server Protocol frames them. Never holds more than a
 * message of the greatest length.
 */
public final class FrameReader {
  private static final int MAX_HEADER_BYTES = 8 << 10;
  private static final String CONTENT_LENGTH = "content-length";

  private final InputStream in;
  private final int maxBytes;

  /**
   * @param maxBytes of a message
   */
  public FrameReader(InputStream in, int maxBytes) {
    this.in = new BufferedInputStream(in, 64 << 10);
    this.maxBytes = maxBytes;
  }

  /** What comes next. */
  public sealed interface Frame {
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Body(byte[] bytes) implements Frame {}

    /** A message that was skipped because it is too long. */
    record TooLong(long bytes) implements Frame {}

    /** A header that makes no sense: where the next message starts cannot be told. */
    record Broken(String why) implements Frame {}

    /** The stream has ended where a message may end. */
    record End() implements Frame {}
  }

  /** Reads the next frame; after {@code Broken} and {@code End} there is none. */
  public Frame next() throws IOException {
    long length = -1;
    int headerBytes = 0;
    StringBuilder line = new StringBuilder();
    while (true) {
      int read = in.read();
      if (read < 0) {
        return headerBytes == 0
            ? new Frame.End()
            : new Frame.Broken("the input ends in the middle of a header");
      }
      if (++headerBytes > MAX_HEADER_BYTES) {
        return new Frame.Broken("a header is longer than " + MAX_HEADER_BYTES + " bytes");
      }
      if (read != '\n') {
        line.append((char) read);
        continue;
      }
      String header = line.toString().strip();
      line.setLength(0);
      if (header.isEmpty()) {
        break;
      }
      int colon = header.indexOf(':');
      if (colon < 0) {
        return new Frame.Broken("a header without a colon: " + shorten(header));
      }
      if (header.substring(0, colon).strip().toLowerCase(Locale.ROOT).equals(CONTENT_LENGTH)) {
        length = length(header.substring(colon + 1).strip());
        if (length < 0) {
          return new Frame.Broken("Content-Length is no length: " + shorten(header));
        }
      }
    }
    if (length < 0) {
      return new Frame.Broken("a header without Content-Length");
    }
    if (length > maxBytes) {
      skip(length);
      return new Frame.TooLong(length);
    }
    byte[] body = in.readNBytes((int) length);
    return body.length == length
        ? new Frame.Body(body)
        : new Frame.Broken("the input ends in the middle of a message");
  }

  private static long length(String text) {
    if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    return Long.parseLong(text);
  }

  private void skip(long bytes) throws IOException {
    try {
      in.skipNBytes(bytes);
    } catch (EOFException e) {
      // the next read says that the stream has ended
    }
  }

  private static String shorten(String text) {
    String start = text.length() <= 60 ? text : text.substring(0, 60) + "…";
    return new String(start.getBytes(StandardCharsets.US_ASCII), StandardCharsets.US_ASCII);
  }
}
