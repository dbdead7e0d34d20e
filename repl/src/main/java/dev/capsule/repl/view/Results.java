package dev.capsule.repl.view;

import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;

/** A task's result as people want to read it: text as it is, the rest as indented JSON. */
public final class Results {
  private static final String INDENT = "  ";

  private Results() {}

  public static String format(RawJson result) {
    return result.text().startsWith("\"")
        ? Json.gson().fromJson(result.text(), JsonPrimitive.class).getAsString()
        : indent(result.text());
  }

  /** Adds white space to well-formed JSON that has none; numbers keep their digits. */
  static String indent(String json) {
    StringBuilder out = new StringBuilder(json.length() + json.length() / 4);
    int depth = 0;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      switch (c) {
        case '"' -> {
          int end = endOfString(json, i);
          out.append(json, i, end);
          i = end - 1;
        }
        case '{', '[' -> {
          char close = json.charAt(i + 1);
          if (close == '}' || close == ']') {
            out.append(c).append(close);
            i++;
          } else {
            out.append(c);
            newLine(out, ++depth);
          }
        }
        case '}', ']' -> {
          newLine(out, --depth);
          out.append(c);
        }
        case ',' -> {
          out.append(c);
          newLine(out, depth);
        }
        case ':' -> out.append(": ");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  private static int endOfString(String json, int start) {
    int i = start + 1;
    while (json.charAt(i) != '"') {
      i += json.charAt(i) == '\\' ? 2 : 1;
    }
    return i + 1;
  }

  private static void newLine(StringBuilder out, int depth) {
    out.append('\n').repeat(INDENT, depth);
  }
}
