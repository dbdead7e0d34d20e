package dev.capsule.sidecar.trace;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.List;

/** Writes spans as JSON, piece by piece: there may be thousands a second. */
final class SpanJson {
  private SpanJson() {}

  /** Text that grows. {@link java.io.StringWriter} locks for each piece. */
  private static final class Chars extends Writer {
    private final StringBuilder text;

    Chars(StringBuilder text) {
      super(text);
      this.text = text;
    }

    @Override
    public void write(int c) {
      text.append((char) c);
    }

    @Override
    public void write(char[] chars, int offset, int length) {
      text.append(chars, offset, length);
    }

    @Override
    public void write(String chars) {
      text.append(chars);
    }

    @Override
    public void write(String chars, int offset, int length) {
      text.append(chars, offset, offset + length);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  static void write(Span span, Level level, StringBuilder text) {
    try (JsonWriter json = new JsonWriter(new Chars(text))) {
      json.setSerializeNulls(true);
      json.beginObject();
      json.name("trace_id").value(span.traceId());
      json.name("span_id").value(span.spanId());
      json.name("parent_id").value(span.parentId());
      json.name("kind").value(span.kind().wireName());
      json.name("name").value(span.name());
      json.name("start").value(span.start());
      json.name("duration_ns").value(span.durationNs());
      json.name("status").value(span.status().wireName());
      json.name("attributes").beginObject();
      write(json, span.attributes());
      if (level == Level.VERBOSE) {
        write(json, span.details());
      }
      json.endObject();
      json.name("events").beginArray();
      for (Span.Event event : span.events()) {
        json.beginObject();
        json.name("time").value(event.time());
        json.name("name").value(event.name());
        json.name("attributes").beginObject();
        write(json, event.attributes());
        json.endObject().endObject();
      }
      json.endArray().endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // text in memory takes anything
    }
  }

  private static void write(JsonWriter json, Attributes attributes) {
    attributes.forEach((name, value) -> {
      try {
        json.name(name);
        write(json, value);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  private static void write(JsonWriter json, Object value) throws IOException {
    // no pattern switch: the first of a kind takes milliseconds at each start of the JVM
    if (value instanceof Long number) {
      json.value((long) number);
    } else if (value instanceof Boolean truth) {
      json.value((boolean) truth);
    } else if (value instanceof List<?> list) {
      json.beginArray();
      for (Object item : list) {
        json.value(item.toString());
      }
      json.endArray();
    } else {
      json.value(value.toString());
    }
  }
}
