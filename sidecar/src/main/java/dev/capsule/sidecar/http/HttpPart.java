package dev.capsule.sidecar.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Bytes of a body, on the way to whoever asked for them: not copied, and read once. */
public final class HttpPart {
  static final HttpPart EMPTY = new HttpPart(new byte[0], 0);

  private static final int SAMPLE = 2048;

  private final byte[] bytes;
  private final int length;

  HttpPart(byte[] bytes, int length) {
    this.bytes = bytes;
    this.length = length;
  }

  static HttpPart ofBase64(@Nullable String text) throws HttpFailure {
    if (text == null) {
      return EMPTY;
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      return new HttpPart(bytes, bytes.length);
    } catch (IllegalArgumentException e) {
      throw HttpFailure.invalid("a body is base64");
    }
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(bytes, 0, length);
  }

  int length() {
    return length;
  }

  /**
   * Bytes as text.
   *
   * @param encoding {@code "latin1"}: each character is a byte; or {@code "base64"}
   */
  public record Text(String encoding, String chars) {}

  /** The bytes as whichever text is likely to be the shorter one in UTF-8. */
  public Text text() {
    return isMostlyAscii()
        ? new Text("latin1", new String(bytes, 0, length, StandardCharsets.ISO_8859_1))
        : new Text("base64", base64());
  }

  /** Whether at most a third is not ASCII, by a sample: to look at each would take as long. */
  private boolean isMostlyAscii() {
    int step = 1 + length / SAMPLE;
    int high = 0;
    for (int i = 0; i < length; i += step) {
      high += bytes[i] < 0 ? 1 : 0;
    }
    return 3L * high * step <= length;
  }

  /** The bytes in base64. */
  public String base64() {
    ByteBuffer text = Base64.getEncoder().encode(ByteBuffer.wrap(bytes, 0, length));
    return new String(text.array(), text.position(), text.remaining(), StandardCharsets.ISO_8859_1);
  }
}
