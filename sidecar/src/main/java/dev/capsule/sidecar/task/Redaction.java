package dev.capsule.sidecar.task;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Blots out secrets in what is told of a task: the values of environment variables, and in URLs
 * what is called like a credential.
 */
final class Redaction {
  private static final String BLOT = "***";

  /** Shorter ones are no secrets, and would blot out half of every text. */
  private static final int MIN_CHARS = 4;

  /** So much of a text is told. */
  static final int MAX_TEXT = 4 << 10;

  /** Values are not longer, or what is left of one tells little of it. */
  private static final int MARGIN = 16 << 10;

  private static final Pattern CREDENTIAL =
      Pattern.compile(
          "([?&;][^=&;]{0,64}"
              + "(?:key|token|secret|passw(?:or)?d|pwd|sig|signature|auth|credential|session|jwt)"
              + "[^=&;]{0,64}=)[^&;]+",
          Pattern.CASE_INSENSITIVE);

  private final List<byte[]> secrets;

  private Redaction(List<byte[]> secrets) {
    this.secrets = secrets;
  }

  /**
   * Blots out these.
   *
   * @param values of environment variables
   */
  static Redaction of(Collection<String> values) {
    return new Redaction(
        values.stream()
            .filter(value -> value.length() >= MIN_CHARS)
            .distinct()
            // a value that holds another one goes first, or its rest would be left
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(value -> value.getBytes(StandardCharsets.UTF_8))
            .toList());
  }

  /**
   * The text without the values, also where they are percent-encoded, by whatever rules, or changed
   * in case, as hosts are.
   */
  String text(String text) {
    return secrets.isEmpty() ? text : pieces(List.of(text)).getFirst();
  }

  /** The same of a text that comes in pieces: each of them without its part of the values. */
  List<String> pieces(List<String> pieces) {
    if (secrets.isEmpty()) {
      return pieces;
    }
    Decoded decoded = new Decoded(String.join("", pieces));
    List<String> clean = new ArrayList<>(pieces.size());
    int begin = 0; // of the piece, in the text
    int secretEnd = 0; // in the text; where the last one that was found ends
    int at = 0; // in the decoded text
    for (String piece : pieces) {
      int end = begin + piece.length();
      StringBuilder rest = new StringBuilder();
      int told = Math.min(end, Math.max(begin, secretEnd));
      while (at < decoded.length && decoded.starts[at] < end) {
        int length = secretAt(decoded, at);
        if (length == 0) {
          at++;
        } else {
          rest.append(piece, told - begin, decoded.starts[at] - begin).append(BLOT);
          at += length;
          secretEnd = decoded.starts[at];
          told = Math.min(end, secretEnd);
        }
      }
      clean.add(rest.append(piece, told - begin, piece.length()).toString());
      begin = end;
    }
    return clean;
  }

  /** The text without the values, cut where it is long. */
  String shortText(String text) {
    // what is cut off may hold the end of a value
    return Texts.shortened(text(Texts.cut(text, MAX_TEXT + MARGIN)), MAX_TEXT);
  }

  /** JSON without the values, in names and in text, cut where it is long. */
  String json(RawJson json) {
    StringWriter clean = new StringWriter();
    try (JsonReader reader = Json.strictReader(new StringReader(json.text()));
        JsonWriter writer = new JsonWriter(clean)) {
      copy(reader, writer, clean);
    } catch (IOException | IllegalStateException e) {
      clean.append('…'); // it was never JSON, or the rest of it does not matter
    }
    return Texts.shortened(clean.toString(), MAX_TEXT);
  }

  private void copy(JsonReader reader, JsonWriter writer, StringWriter clean) throws IOException {
    while (clean.getBuffer().length() <= MAX_TEXT) {
      switch (reader.peek()) {
        case BEGIN_ARRAY -> {
          reader.beginArray();
          writer.beginArray();
        }
        case END_ARRAY -> {
          reader.endArray();
          writer.endArray();
        }
        case BEGIN_OBJECT -> {
          reader.beginObject();
          writer.beginObject();
        }
        case END_OBJECT -> {
          reader.endObject();
          writer.endObject();
        }
        case NAME -> writer.name(shortText(reader.nextName()));
        case STRING -> writer.value(shortText(reader.nextString()));
        case NUMBER -> writer.jsonValue(text(reader.nextString()));
        case BOOLEAN -> writer.value(reader.nextBoolean());
        case NULL -> {
          reader.nextNull();
          writer.nullValue();
        }
        case END_DOCUMENT -> {
          return;
        }
      }
    }
    throw new IOException("long enough");
  }

  private int secretAt(Decoded decoded, int at) {
    for (byte[] secret : secrets) {
      if (decoded.holds(secret, at)) {
        return secret.length;
      }
    }
    return 0;
  }

  /** The URL without the values, and without what its query calls a credential. */
  String url(String url) {
    return CREDENTIAL.matcher(text(url)).replaceAll("$1***");
  }

  /** Text as bytes of UTF-8, with percent-encoding undone, and where in the text each was. */
  private static final class Decoded {
    private static final String HEX = "0123456789abcdef";

    private final byte[] bytes;
    private final int[] starts;
    private int length;

    Decoded(String text) {
      byte[] raw = text.getBytes(StandardCharsets.UTF_8);
      bytes = new byte[raw.length];
      starts = new int[raw.length + 1];
      int at = 0; // in the text
      for (int i = 0; i < raw.length; i++) {
        int high = raw[i] == '%' && i + 2 < raw.length ? hex(raw[i + 1]) : -1;
        int low = high < 0 ? -1 : hex(raw[i + 2]);
        starts[length] = at;
        if (low >= 0) {
          bytes[length++] = (byte) ((high << 4) | low);
          i += 2;
          at += 3;
        } else {
          bytes[length++] = raw[i];
          boolean followed = i + 1 < raw.length && (raw[i + 1] & 0xc0) == 0x80;
          boolean astral = (raw[i] & 0xf8) == 0xf0; // two chars in the text
          at += followed ? 0 : 1;
          at += astral ? 1 : 0;
        }
      }
      starts[length] = text.length();
    }

    private static int hex(byte digit) {
      return HEX.indexOf(Character.toLowerCase(digit));
    }

    boolean holds(byte[] secret, int at) {
      if (secret.length > length - at) {
        return false;
      }
      for (int i = 0; i < secret.length; i++) {
        byte found = bytes[at + i];
        boolean space = secret[i] == ' ' && found == '+';
        if (!space && lower(found) != lower(secret[i])) {
          return false;
        }
      }
      return true;
    }

    private static int lower(byte letter) {
      return letter >= 'A' && letter <= 'Z' ? letter + 32 : letter;
    }
  }
}
