package dev.capsule.protocol;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.Reader;

/** How this protocol reads and writes JSON: strictly, with nulls, without HTML escapes. */
public final class Json {
  /** How deep arrays and objects may be nested. */
  public static final int MAX_DEPTH = 255;

  private static final Gson GSON =
      new GsonBuilder()
          .serializeNulls()
          .disableHtmlEscaping()
          .setStrictness(Strictness.STRICT)
          .create();

  private Json() {}

  public static Gson gson() {
    return GSON;
  }

  public static JsonReader strictReader(Reader text) {
    JsonReader reader = new JsonReader(text);
    reader.setStrictness(Strictness.STRICT);
    reader.setNestingLimit(MAX_DEPTH);
    return reader;
  }

  /** Fails unless the reader has nothing but white space left. */
  public static void requireEnd(JsonReader reader) throws IOException {
    if (reader.peek() != JsonToken.END_DOCUMENT) {
      throw new IOException("there is more than one JSON value");
    }
  }

  /**
   * JSON that is valid UTF-8: a surrogate that belongs to no pair, which Java's strings can hold
   * and UTF-8 cannot, is written as the escape that it may come as.
   *
   * @param json where such characters stand inside strings only
   */
  public static String withoutLoneSurrogates(String json) {
    int length = json.length();
    int done = 0;
    StringBuilder escaped = null;
    for (int i = 0; i < length; i++) {
      char c = json.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < length
          && Character.isLowSurrogate(json.charAt(i + 1))) {
        i++;
        continue;
      }
      escaped = escaped == null ? new StringBuilder(length + 64) : escaped;
      escaped.append(json, done, i).append(String.format("\\u%04x", (int) c));
      done = i + 1;
    }
    return escaped == null ? json : escaped.append(json, done, length).toString();
  }

  /** What is wrong with JSON that could not be read, without Gson's advice to its programmers. */
  public static String problem(Exception e) {
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    return message
        .replace("Use JsonReader.setStrictness(Strictness.LENIENT) to accept m", "m")
        .replaceFirst("^[a-z.]+\\.[A-Za-z]+Exception: ", "");
  }
}
