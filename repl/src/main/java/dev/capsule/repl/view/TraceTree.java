package dev.capsule.repl.view;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.capsule.protocol.Span;
import dev.capsule.protocol.SpanEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The spans of a trace as a tree, for people. What sandboxed programs have printed or named is made
 * harmless and kept on its line.
 */
public final class TraceTree {
  private static final int MAX_NAME = 100;
  private static final int MAX_ERROR = 200;
  private static final int MAX_OUTPUT_LINES = 5;
  private static final int MAX_INDENT = 40;

  private record Node(Span span, int depth, boolean last, String indent) {}

  private final Map<String, List<Span>> children = new HashMap<>();
  private final List<Line> lines = new ArrayList<>();

  /** A line of it. */
  public record Line(String text, boolean failed) {}

  private TraceTree() {}

  /** The lines. */
  public static List<Line> of(List<Span> spans) {
    TraceTree tree = new TraceTree();
    Set<String> ids = new HashSet<>();
    spans.forEach(span -> ids.add(span.spanId()));
    List<Span> roots = new ArrayList<>();
    for (Span span : spans) {
      if (span.parentId() == null || !ids.contains(span.parentId())) {
        roots.add(span);
      } else {
        tree.children.computeIfAbsent(span.parentId(), id -> new ArrayList<>()).add(span);
      }
    }
    tree.draw(roots);
    return tree.lines;
  }

  private void draw(List<Span> roots) {
    Deque<Node> open = new ArrayDeque<>();
    roots.reversed().forEach(root -> open.push(new Node(root, 0, true, "")));
    while (!open.isEmpty()) {
      Node node = open.pop();
      List<Span> below = children.remove(node.span().spanId());
      String own = node.depth() == 0 ? "" : node.indent() + (node.last() ? "└─ " : "├─ ");
      String inner =
          node.depth() == 0 || node.depth() > MAX_INDENT
              ? node.indent()
              : node.indent() + (node.last() ? "   " : "│  ");
      lines.add(new Line(own + line(node.span()), node.span().status().equals("error")));
      output(node.span(), inner + (below == null ? "   " : "│  "));
      if (below != null) {
        for (int i = below.size() - 1; i >= 0; i--) {
          open.push(new Node(below.get(i), node.depth() + 1, i == below.size() - 1, inner));
        }
      }
    }
  }

  /** A span in a line. */
  public static String line(Span span) {
    JsonObject attributes = attributes(span);
    List<String> parts = new ArrayList<>();
    parts.add(Amounts.nanos(span.durationNs()));
    if (!span.status().equals("ok")) {
      parts.add(oneLine(span.status(), MAX_NAME));
    }
    number(attributes, "http.response.status_code", parts, "", false);
    number(attributes, "capsule.fuel.used", parts, "fuel ", false);
    number(attributes, "capsule.memory.peak", parts, "memory ", true);
    number(attributes, "http.request.body.size", parts, "sent ", true);
    number(attributes, "http.response.body.size", parts, "received ", true);
    number(attributes, "capsule.file.read_bytes", parts, "read ", true);
    number(attributes, "capsule.file.written_bytes", parts, "wrote ", true);
    waited(attributes, parts);
    if ("true".equals(text(attributes, "capsule.replayed"))) {
      parts.add("from the journal");
    }
    String error = text(attributes, "error.message");
    if (error == null && !span.status().equals("ok")) {
      error = text(attributes, "error.type");
    }
    return title(span, attributes)
        + "  "
        + String.join(" · ", parts)
        + (error == null ? "" : "  " + oneLine(error, MAX_ERROR));
  }

  private static String title(Span span, JsonObject attributes) {
    String name = oneLine(span.name(), MAX_NAME);
    String kind = oneLine(span.kind(), MAX_NAME);
    return switch (kind) {
      case "http" -> name + " " + oneLine(orEmpty(text(attributes, "url.full")), MAX_NAME);
      case "attempt", "call" -> name;
      case "tool" -> "tool " + oneLine(orEmpty(text(attributes, "gen_ai.tool.name")), MAX_NAME);
      default -> name.startsWith(kind + " ") ? name : kind + " " + name;
    };
  }

  /** Only where it waited for long is that worth a word. */
  private static void waited(JsonObject attributes, List<String> parts) {
    Long queued = number(attributes, "capsule.queue_ns");
    if (queued != null && queued >= 10_000_000) {
      parts.add("waited " + Amounts.nanos(queued));
    }
  }

  private void output(Span span, String indent) {
    int shown = 0;
    StringBuilder line = new StringBuilder();
    List<String> printed = new ArrayList<>();
    for (SpanEvent event : span.events()) {
      String text =
          event.name().equals("capsule.output")
              ? text(object(event.attributes().text()), "capsule.output.text")
              : null;
      if (text != null) {
        line.append(text);
      }
    }
    line.toString().lines().forEach(printed::add);
    for (String text : printed) {
      if (shown++ == MAX_OUTPUT_LINES) {
        int more = printed.size() - MAX_OUTPUT_LINES;
        lines.add(new Line(indent + "… " + more + (more == 1 ? " line" : " lines"), false));
        return;
      }
      lines.add(new Line(indent + "> " + oneLine(text, MAX_NAME), false));
    }
  }

  private static void number(
      JsonObject attributes, String name, List<String> parts, String title, boolean bytes) {
    Long value = number(attributes, name);
    if (value != null) {
      parts.add(
          title
              + (bytes
                  ? Amounts.bytes(value)
                  : title.isEmpty() ? value.toString() : Amounts.number(value)));
    }
  }

  private static @Nullable Long number(JsonObject attributes, String name) {
    JsonElement value = attributes.get(name);
    try {
      return value == null || !value.isJsonPrimitive() ? null : value.getAsLong();
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static @Nullable String text(JsonObject attributes, String name) {
    JsonElement value = attributes.get(name);
    return value == null || !value.isJsonPrimitive() ? null : value.getAsString();
  }

  private static JsonObject attributes(Span span) {
    return object(span.attributes().text());
  }

  private static JsonObject object(String json) {
    return JsonParser.parseString(json) instanceof JsonObject object ? object : new JsonObject();
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** Text of anybody on one line of a terminal. */
  static String oneLine(String text, int longest) {
    String cut = text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
    return Visible.of(cut).replace("\n", "\\n").replace("\t", " ");
  }
}
