package dev.capsule.repl.mcp;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

/** Parts of what tools say of themselves. */
final class Schemas {
  private Schemas() {}

  /** Of arguments that are an object of required strings: names and descriptions by turns. */
  static JsonObject object(String... namesAndDescriptions) {
    JsonObject properties = new JsonObject();
    JsonArray required = new JsonArray();
    for (int i = 0; i < namesAndDescriptions.length; i += 2) {
      properties.add(namesAndDescriptions[i], string(namesAndDescriptions[i + 1]));
      required.add(namesAndDescriptions[i]);
    }
    JsonObject schema = new JsonObject();
    schema.addProperty("type", "object");
    schema.add("properties", properties);
    if (!required.isEmpty()) {
      schema.add("required", required);
    }
    schema.addProperty("additionalProperties", false);
    return schema;
  }

  static JsonObject string(String description) {
    JsonObject schema = new JsonObject();
    schema.addProperty("type", "string");
    schema.addProperty("description", description);
    return schema;
  }

  /** Of a value that is of one of some types. */
  static JsonObject property(String description, String... types) {
    JsonObject property = new JsonObject();
    if (types.length == 1) {
      property.addProperty("type", types[0]);
    } else {
      JsonArray several = new JsonArray();
      for (String type : types) {
        several.add(type);
      }
      property.add("type", several);
    }
    property.addProperty("description", description);
    return property;
  }

  /** Of a tool that changes nothing, and sees nothing but the project. */
  static JsonObject readOnly() {
    JsonObject annotations = new JsonObject();
    annotations.addProperty("readOnlyHint", true);
    annotations.addProperty("openWorldHint", false);
    return annotations;
  }
}
