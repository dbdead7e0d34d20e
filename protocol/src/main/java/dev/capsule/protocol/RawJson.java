package dev.capsule.protocol;

import com.google.gson.TypeAdapter;
import com.google.gson.annotations.JsonAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.Objects;

/**
 * A JSON value kept as text, because nobody between the caller and the guest looks inside:
 * arguments and results pass through without becoming a tree, however large they are.
 *
 * @param text well-formed JSON
 */
@JsonAdapter(RawJson.Adapter.class)
public record RawJson(String text) {
  public static final RawJson NULL = new RawJson("null");
  public static final RawJson EMPTY_ARRAY = new RawJson("[]");
  public static final RawJson EMPTY_OBJECT = new RawJson("{}");

  public RawJson {
    Objects.requireNonNull(text, "text is null");
  }

  public boolean isNull() {
    return text.equals("null");
  }

  public boolean isArray() {
    return text.startsWith("[");
  }

  public boolean isObject() {
    return text.startsWith("{");
  }

  /**
   * Takes text of unknown origin.
   *
   * @throws IOException if it is not exactly one JSON value by the letter of RFC 8259, or is nested
   *     deeper than {@link Json#MAX_DEPTH}
   */
  public static RawJson parse(String text) throws IOException {
    JsonReader reader = Json.strictReader(new StringReader(text));
    RawJson value = read(reader);
    Json.requireEnd(reader);
    return value;
  }

  /** Copies the reader's next value. */
  public static RawJson read(JsonReader reader) throws IOException {
    StringWriter text = new StringWriter();
    JsonCopy.copy(reader, new JsonWriter(text));
    return new RawJson(text.toString());
  }

  @Override
  public String toString() {
    return text;
  }

  /** Lets Gson read and write it as the value that it holds. */
  static final class Adapter extends TypeAdapter<RawJson> {
    @Override
    public void write(JsonWriter out, RawJson value) throws IOException {
      if (value == null) {
        out.nullValue();
      } else {
        out.jsonValue(value.text);
      }
    }

    @Override
    public RawJson read(JsonReader in) throws IOException {
      return RawJson.read(in);
    }
  }
}
