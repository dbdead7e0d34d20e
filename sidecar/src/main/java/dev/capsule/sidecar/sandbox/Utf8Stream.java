package dev.capsule.sidecar.sandbox;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Makes text of bytes that come in pieces: a character that is cut waits for its other half, what
 * is not UTF-8 becomes U+FFFD.
 */
final class Utf8Stream {
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private byte[] rest = {};

  String decode(byte[] bytes, boolean end) {
    ByteBuffer in = ByteBuffer.allocate(rest.length + bytes.length).put(rest).put(bytes).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
    decoder.decode(in, out, end);
    if (end) {
      decoder.flush(out);
    }
    rest = new byte[in.remaining()];
    in.get(rest);
    return out.flip().toString();
  }
}
