package dev.capsule.repl.view;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.capsule.protocol.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A call as one writes it in a program. */
final class CallText {
  private static final Set<String> KNOWN = Set.of("task", "args", "kwargs");

  private CallText() {}

  /**
   * {@code fetch("cats", limit=2)}.
   *
   * @param name may be replaced by what the arguments say
   * @param args JSON of positional and named arguments, or of anything else; it may be cut off
   */
  static String of(String name, String args) {
    JsonElement said;
    try {
      said = JsonParser.parseString(args);
    } catch (JsonParseException e) {
      return name + " " + args;
    }
    if (!(said instanceof JsonObject object) || !KNOWN.containsAll(object.keySet())) {
      return said.isJsonNull() ? name : name + " " + args;
    }
    List<String> all = new ArrayList<>();
    if (object.get("args") != null && object.get("args").isJsonArray()) {
      object.getAsJsonArray("args").forEach(each -> all.add(Json.gson().toJson(each)));
    }
    if (object.get("kwargs") instanceof JsonObject named) {
      named
          .entrySet()
          .forEach(each -> all.add(each.getKey() + "=" + Json.gson().toJson(each.getValue())));
    }
    JsonElement task = object.get("task");
    String called = task != null && task.isJsonPrimitive() ? task.getAsString() : name;
    return called + "(" + String.join(", ", all) + ")";
  }
}
