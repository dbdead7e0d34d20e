package dev.capsule.repl.view;

import com.google.gson.stream.JsonWriter;
import dev.capsule.protocol.Span;
import dev.capsule.protocol.SpanEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/**
 * A trace as one page for browsers that holds all it needs. Text of a trace may come from a sandbox
 * that means harm: it is data there, never markup, and the page's policy lets only its own script
 * run and nothing be loaded.
 */
public final class TracePage {
  /** In the order in which they are to be read. */
  private static final List<String> SCRIPTS =
      List.of(
          "format.js",
          "model.js",
          "clock.js",
          "attributes.js",
          "details.js",
          "rows.js",
          "ruler.js",
          "timeline.js",
          "drags.js",
          "summary.js",
          "keys.js",
          "page.js");

  private TracePage() {}

  /**
   * Makes the page.
   *
   * @param leftOut how many more spans there are
   */
  public static String of(List<Span> spans, long leftOut) {
    StringBuilder script = new StringBuilder("\"use strict\";\n");
    SCRIPTS.forEach(name -> script.append(resource(name)));
    String style = resource("style.css");
    return resource("page.html")
        .replace("@STYLE_HASH@", hash(style))
        .replace("@SCRIPT_HASH@", hash(script.toString()))
        .replace("@STYLE@", style)
        .replace("@SCRIPT@", script)
        // Last, so that nothing in it is taken for a place of something else.
        .replace("@TRACE@", data(spans, leftOut));
  }

  /**
   * The trace as JSON. Times count from its beginning: nanoseconds since 1970 are too large for the
   * numbers of a browser. {@code <} occurs only in strings, where it may be written otherwise, so
   * that nothing in the data ends the element that it stands in.
   */
  private static String data(List<Span> spans, long leftOut) {
    long began = spans.stream().mapToLong(Span::start).min().orElse(0);
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginObject();
      json.name("began").value(began / 1e6);
      json.name("leftOut").value(leftOut);
      json.name("spans").beginArray();
      for (Span span : spans) {
        write(json, span, began);
      }
      json.endArray();
      json.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString().replace("<", "\\u003c");
  }

  private static void write(JsonWriter json, Span span, long began) throws IOException {
    json.beginObject();
    json.name("id").value(span.spanId());
    json.name("parent").value(span.parentId());
    json.name("kind").value(span.kind());
    json.name("name").value(span.name());
    json.name("start").value(span.start() - began);
    json.name("duration").value(span.durationNs());
    json.name("status").value(span.status());
    json.name("attributes").jsonValue(span.attributes().text());
    json.name("events").beginArray();
    for (SpanEvent event : span.events()) {
      json.beginObject();
      json.name("time").value(event.time() - began);
      json.name("name").value(event.name());
      json.name("attributes").jsonValue(event.attributes().text());
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = TracePage.class.getResourceAsStream("trace/" + name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing in Capsule's own files");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
