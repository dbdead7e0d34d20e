package dev.capsule.sidecar.harness;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The spans of a trace, to look at. */
public record Traces(List<Span> spans) {
  /** One of them. */
  public record Span(JsonObject json) {
    /** A field that is text. */
    public String text(String name) {
      return json.get(name).getAsString();
    }

    /** Who it is a part of; null: nobody. */
    public @Nullable String parent() {
      return json.get("parent_id").isJsonNull() ? null : text("parent_id");
    }

    /** An attribute, as text; null: there is none. */
    public @Nullable String attribute(String name) {
      JsonElement value = json.getAsJsonObject("attributes").get(name);
      return value == null
          ? null
          : value.isJsonPrimitive() ? value.getAsString() : value.toString();
    }

    /** The attributes of its events of a name. */
    public List<JsonObject> events(String name) {
      return StreamSupport.stream(json.getAsJsonArray("events").spliterator(), false)
          .map(JsonElement::getAsJsonObject)
          .filter(event -> event.get("name").getAsString().equals(name))
          .map(event -> event.getAsJsonObject("attributes"))
          .toList();
    }

    /** What it printed to a stream. */
    public String printed(String stream) {
      StringBuilder text = new StringBuilder();
      for (JsonObject event : events("capsule.output")) {
        if (event.get("capsule.output.stream").getAsString().equals(stream)) {
          text.append(event.get("capsule.output.text").getAsString());
        }
      }
      return text.toString();
    }
  }

  /** Those that {@code readTrace} tells of. */
  public static Traces read(SidecarProcess sidecar, String root, String run) {
    JsonObject params = new JsonObject();
    params.addProperty("root", root);
    params.addProperty("run", run);
    return of(
        sidecar
            .request("readTrace", params)
            .reply()
            .result()
            .getAsJsonObject()
            .getAsJsonArray("spans"));
  }

  /** Those that the client was told of, so far. */
  public static Traces told(SidecarProcess sidecar) {
    return new Traces(
        sidecar.notifications().stream()
            .filter(message -> message.get("method").getAsString().equals("trace"))
            .flatMap(message ->
                of(message.getAsJsonObject("params").getAsJsonArray("spans")).spans().stream())
            .toList());
  }

  private static Traces of(Iterable<JsonElement> spans) {
    return new Traces(
        StreamSupport.stream(spans.spliterator(), false)
            .map(span -> new Span(span.getAsJsonObject()))
            .toList());
  }

  /** Those of a kind. */
  public List<Span> kind(String kind) {
    return spans.stream().filter(span -> span.text("kind").equals(kind)).toList();
  }

  /** The only one of a kind and a name. */
  public Span one(String kind, String name) {
    List<Span> found = kind(kind).stream().filter(span -> span.text("name").equals(name)).toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " spans " + kind + " " + name + " in " + spans);
    }
    return found.getFirst();
  }

  /** Those that are a part of another. */
  public List<Span> children(Span span) {
    return spans.stream().filter(each -> span.text("span_id").equals(each.parent())).toList();
  }
}
