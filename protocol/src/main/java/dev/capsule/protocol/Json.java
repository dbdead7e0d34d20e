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

  private static final int MAX_PROBLEM = 300;

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
   * What is wrong with JSON that could not be read, without Gson's advice to its programmers. Gson
   * names the path to the fault, which is as long as whoever sent the JSON likes: that is cut.
   */
  public static String problem(Exception e) {
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    String plain =
        message
            .replace("Use JsonReader.setStrictness(Strictness.LENIENT) to accept m", "m")
            .replaceFirst("^[a-z.]+\\.[A-Za-z]+Exception: ", "");
    return plain.length() <= MAX_PROBLEM ? plain : plain.substring(0, MAX_PROBLEM - 1) + "…";
  }
}
