package dev.capsule.repl.mcp;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task's parameters, read from its signature as its language writes it.
 *
 * @param text as written
 */
record Signature(String text, List<Parameter> parameters) {
  /** How a parameter is given its value. */
  enum Kind {
    /** By its place alone. */
    POSITIONAL,
    /** By its place or its name. */
    EITHER,
    /** By its name alone. */
    NAMED,
    /** It takes all places that are left. */
    REST,
    /** It takes all names that are left. */
    MORE
  }

  /**
   * One parameter.
   *
   * @param type as written; empty: any
   * @param value its default, if that can be told
   */
  record Parameter(
      String name, Kind kind, String type, boolean required, @Nullable JsonElement value) {}

  /** Of a function of Python or of TypeScript, whose arguments have places only. */
  static Signature of(String text, boolean named) {
    int end = Pieces.next(text.isEmpty() ? "" : text.substring(1), 0, ")") + 1;
    String inside = text.startsWith("(") && end <= text.length() ? text.substring(1, end) : "";
    List<String> parts = Pieces.split(inside, ",");
    return new Signature(text, named ? python(parts) : typescript(parts));
  }

  private static List<Parameter> python(List<String> parts) {
    List<Parameter> parameters = new ArrayList<>();
    Kind kind = Kind.EITHER;
    for (String part : parts) {
      if (part.equals("/")) {
        parameters.replaceAll(each ->
            new Parameter(
                each.name(), Kind.POSITIONAL, each.type(), each.required(), each.value()));
      } else if (part.equals("*")) {
        kind = Kind.NAMED;
      } else if (part.startsWith("**")) {
        parameters.add(parameter(part.substring(2), Kind.MORE));
      } else if (part.startsWith("*")) {
        parameters.add(parameter(part.substring(1), Kind.REST));
        kind = Kind.NAMED;
      } else {
        parameters.add(parameter(part, kind));
      }
    }
    return parameters;
  }

  private static List<Parameter> typescript(List<String> parts) {
    List<Parameter> parameters = new ArrayList<>();
    for (String part : parts) {
      boolean rest = part.startsWith("...");
      Parameter read =
          parameter(rest ? part.substring(3) : part, rest ? Kind.REST : Kind.POSITIONAL);
      String type =
          rest
              ? read.type().replaceFirst("\\[\\]$", "").replaceFirst("^Array<(.*)>$", "$1")
              : read.type();
      // A parameter that is taken apart has no name: it is called by its place.
      String name = read.name().matches("[\\w$]+") ? read.name() : "arg" + (parameters.size() + 1);
      parameters.add(new Parameter(name, read.kind(), type, read.required(), read.value()));
    }
    return parameters;
  }

  private static Parameter parameter(String part, Kind kind) {
    int equals = Pieces.next(part, 0, "=");
    String declared = part.substring(0, equals);
    int colon = Pieces.next(declared, 0, ":");
    String name = declared.substring(0, colon).strip();
    boolean optional = name.endsWith("?");
    boolean hasDefault = equals < part.length();
    boolean required = !optional && !hasDefault && kind != Kind.REST && kind != Kind.MORE;
    return new Parameter(
        optional ? name.substring(0, name.length() - 1) : name,
        kind,
        colon < declared.length() ? declared.substring(colon + 1).strip() : "",
        required,
        hasDefault ? Types.value(part.substring(equals + 1).strip()) : null);
  }

  /** The schema of the arguments, as members of an object. */
  JsonObject schema() {
    JsonObject properties = new JsonObject();
    JsonArray required = new JsonArray();
    boolean more = false;
    for (Parameter parameter : parameters) {
      if (parameter.kind() == Kind.MORE) {
        more = true;
        continue;
      }
      JsonObject schema = Types.schema(parameter.type());
      if (parameter.kind() == Kind.REST) {
        JsonObject items = schema;
        schema = new JsonObject();
        schema.addProperty("type", "array");
        schema.add("items", items);
      }
      if (parameter.value() != null) {
        schema.add("default", parameter.value());
      }
      properties.add(parameter.name(), schema);
      if (parameter.required()) {
        required.add(parameter.name());
      }
    }
    JsonObject schema = new JsonObject();
    schema.addProperty("type", "object");
    schema.add("properties", properties);
    if (!required.isEmpty()) {
      schema.add("required", required);
    }
    schema.addProperty("additionalProperties", more);
    return schema;
  }
}
