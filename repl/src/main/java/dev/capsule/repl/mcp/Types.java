package dev.capsule.repl.mcp;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * JSON Schemas of types as Python and TypeScript write them. What is not understood may be
 * anything, and is described by its own text: a schema must not refuse what the task would take.
 */
final class Types {
  private static final int MAX_DEPTH = 20;
  private static final int MAX_DESCRIPTION = 200;
  private static final Set<String> LISTS =
      Set.of(
          "list",
          "List",
          "tuple",
          "Tuple",
          "set",
          "Set",
          "frozenset",
          "FrozenSet",
          "Sequence",
          "Iterable",
          "Collection",
          "Array",
          "ReadonlyArray");
  private static final Set<String> MAPS =
      Set.of("dict", "Dict", "Mapping", "MutableMapping", "Record");

  private Types() {}

  /** Of a type; an empty text is any. */
  static JsonObject schema(String type) {
    return schema(type, 0);
  }

  private static JsonObject schema(String written, int depth) {
    String type = unwrapped(written.strip());
    if (type.isEmpty()) {
      return new JsonObject();
    }
    List<String> choices = Pieces.split(type, "|");
    if (depth > MAX_DEPTH || type.contains("=>")) {
      return unknown(type);
    }
    if (choices.size() > 1) {
      return union(choices, depth);
    }
    JsonElement literal = literal(type);
    if (literal != null) {
      return constant(literal);
    }
    if (type.endsWith("[]")) {
      return array(type.substring(0, type.length() - 2), depth);
    }
    if (type.startsWith("{") && type.endsWith("}")) {
      return object(type.substring(1, type.length() - 1), depth);
    }
    int bracket = Math.min(indexOf(type, '['), indexOf(type, '<'));
    return bracket < type.length() && "]>".indexOf(type.charAt(type.length() - 1)) >= 0
        ? generic(type.substring(0, bracket), type.substring(bracket + 1, type.length() - 1), depth)
        : plain(type);
  }

  private static int indexOf(String text, char c) {
    int at = text.indexOf(c);
    return at < 0 ? text.length() : at;
  }

  /** Without brackets around all of it, or a modifier before it. */
  private static String unwrapped(String type) {
    String text = type.startsWith("readonly ") ? type.substring(9).strip() : type;
    boolean whole =
        text.startsWith("(") && Pieces.next(text.substring(1), 0, ")") == text.length() - 2;
    return whole ? unwrapped(text.substring(1, text.length() - 1).strip()) : text;
  }

  private static JsonObject plain(String type) {
    String name = type.substring(type.lastIndexOf('.') + 1);
    String json =
        switch (name) {
          case "str", "string", "String", "LiteralString" -> "string";
          case "int", "integer", "bigint" -> "integer";
          case "float", "number", "Number" -> "number";
          case "bool", "boolean", "Boolean" -> "boolean";
          case "None", "NoneType", "null", "undefined" -> "null";
          default -> LISTS.contains(name) ? "array" : MAPS.contains(name) ? "object" : "";
        };
    if (!json.isEmpty()) {
      return of(json);
    }
    return Set.of("Any", "object", "any", "unknown", "JSON").contains(name)
        ? new JsonObject()
        : unknown(type);
  }

  private static JsonObject generic(String outer, String inner, int depth) {
    String name = outer.substring(outer.lastIndexOf('.') + 1).strip();
    List<String> of = Pieces.split(inner, ",");
    if (of.isEmpty()) {
      return plain(outer);
    }
    return switch (name) {
      case "Optional" -> union(List.of(of.getFirst(), "None"), depth);
      case "Union" -> union(of, depth);
      case "Literal" -> union(of, depth);
      case "Annotated", "Readonly", "Required", "NotRequired", "Final" ->
          schema(of.getFirst(), depth + 1);
      case "tuple", "Tuple" ->
          of.size() == 2 && of.get(1).equals("...") ? array(of.getFirst(), depth) : of("array");
      default -> {
        if (LISTS.contains(name)) {
          yield array(of.getFirst(), depth);
        }
        if (!MAPS.contains(name)) {
          yield unknown(outer + "[" + inner + "]");
        }
        JsonObject map = of("object");
        map.add("additionalProperties", schema(of.getLast(), depth + 1));
        yield map;
      }
    };
  }

  private static JsonObject union(List<String> choices, int depth) {
    JsonArray constants = new JsonArray();
    JsonArray schemas = new JsonArray();
    for (String choice : choices) {
      JsonElement literal = literal(unwrapped(choice));
      if (literal != null) {
        constants.add(literal);
      } else if (!choice.equals("undefined")) {
        schemas.add(schema(choice, depth + 1));
      }
    }
    if (!constants.isEmpty()) {
      JsonObject among = new JsonObject();
      among.add("enum", constants);
      schemas.add(among);
    }
    if (schemas.size() == 1) {
      return schemas.get(0).getAsJsonObject();
    }
    JsonObject union = new JsonObject();
    union.add("anyOf", schemas);
    return union;
  }

  private static JsonObject array(String item, int depth) {
    JsonObject array = of("array");
    JsonObject items = schema(item, depth + 1);
    if (!items.isEmpty()) {
      array.add("items", items);
    }
    return array;
  }

  /** A type literal of TypeScript. */
  private static JsonObject object(String members, int depth) {
    JsonObject properties = new JsonObject();
    JsonArray required = new JsonArray();
    for (String member : Pieces.split(members, ";,")) {
      int colon = Pieces.next(member, 0, ":");
      String name = member.substring(0, colon).strip();
      boolean optional = name.endsWith("?");
      name = optional ? name.substring(0, name.length() - 1) : name;
      if (colon == member.length() || !name.matches("[\\w$]+")) {
        return of("object");
      }
      properties.add(name, schema(member.substring(colon + 1), depth + 1));
      if (!optional) {
        required.add(name);
      }
    }
    JsonObject object = of("object");
    object.add("properties", properties);
    if (!required.isEmpty()) {
      object.add("required", required);
    }
    return object;
  }

  private static JsonObject constant(JsonElement value) {
    JsonArray values = new JsonArray();
    values.add(value);
    JsonObject schema = new JsonObject();
    schema.add("enum", values);
    return schema;
  }

  /** The value that a piece of either language stands for; null: it is no such value. */
  static @Nullable JsonElement literal(String text) {
    switch (text) {
      case "True", "true" -> {
        return new JsonPrimitive(true);
      }
      case "False", "false" -> {
        return new JsonPrimitive(false);
      }
      default -> {
        // a number or a string
      }
    }
    if (text.matches("-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,17})?")) {
      return JsonParser.parseString(text);
    }
    boolean quoted =
        text.length() >= 2
            && (text.startsWith("'") || text.startsWith("\""))
            && text.charAt(text.length() - 1) == text.charAt(0);
    String inside = quoted ? text.substring(1, text.length() - 1) : "\\";
    // What is escaped would have to be read by each language's own rules.
    return inside.contains("\\") || inside.indexOf(text.charAt(0)) >= 0
        ? null
        : new JsonPrimitive(inside);
  }

  /** A default value: as {@link #literal}, and what is nothing or empty. */
  static @Nullable JsonElement value(String text) {
    return switch (text) {
      case "None", "null" -> JsonNull.INSTANCE;
      case "[]", "{}" -> parsed(text);
      default -> literal(text);
    };
  }

  private static @Nullable JsonElement parsed(String json) {
    try {
      return JsonParser.parseString(json);
    } catch (JsonParseException e) {
      return null;
    }
  }

  private static JsonObject of(String type) {
    JsonObject schema = new JsonObject();
    schema.addProperty("type", type);
    return schema;
  }

  private static JsonObject unknown(String type) {
    JsonObject schema = new JsonObject();
    schema.addProperty("description", Texts.cut(type, MAX_DESCRIPTION));
    return schema;
  }
}
