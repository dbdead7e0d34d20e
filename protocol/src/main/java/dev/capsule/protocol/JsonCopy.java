package dev.capsule.protocol;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;

/** Copies one value from a reader to a writer, token by token: numbers keep their digits. */
final class JsonCopy {
  private JsonCopy() {}

  static void copy(JsonReader in, JsonWriter out) throws IOException {
    out.setSerializeNulls(true);
    out.setHtmlSafe(false);
    int depth = 0;
    do {
      JsonToken token = in.peek();
      switch (token) {
        case BEGIN_ARRAY -> {
          in.beginArray();
          out.beginArray();
          depth++;
        }
        case END_ARRAY -> {
          in.endArray();
          out.endArray();
          depth--;
        }
        case BEGIN_OBJECT -> {
          in.beginObject();
          out.beginObject();
          depth++;
        }
        case END_OBJECT -> {
          in.endObject();
          out.endObject();
          depth--;
        }
        case NAME -> out.name(in.nextName());
        case STRING -> out.value(in.nextString());
        case NUMBER -> out.jsonValue(in.nextString());
        case BOOLEAN -> out.value(in.nextBoolean());
        case NULL -> {
          in.nextNull();
          out.nullValue();
        }
        case END_DOCUMENT -> throw new IOException("a JSON value is missing");
      }
    } while (depth > 0);
  }
}
