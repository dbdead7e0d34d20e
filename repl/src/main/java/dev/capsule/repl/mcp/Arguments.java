package dev.capsule.repl.mcp;

import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A task's arguments, by place and by name.
 *
 * @param args a JSON array
 * @param kwargs a JSON object
 */
record Arguments(RawJson args, RawJson kwargs) {
  /** The model gave arguments that a tool cannot take; the message says what to give instead. */
  static final class Unfit extends Exception {
    private static final long serialVersionUID = 1;

    Unfit(String message) {
      super(message);
    }
  }

  /** The members of an object, in order; their values stay text. */
  static Map<String, RawJson> members(RawJson object) {
    Map<String, RawJson> members = new LinkedHashMap<>();
    try (JsonReader reader = Json.strictReader(new StringReader(object.text()))) {
      reader.beginObject();
      while (reader.hasNext()) {
        members.put(reader.nextName(), RawJson.read(reader));
      }
      reader.endObject();
    } catch (IOException e) {
      throw new JsonParseException(e);
    }
    return members;
  }

  /** A member that must be a string. */
  static String string(Map<String, RawJson> members, String name) throws Unfit {
    RawJson value = members.get(name);
    if (value == null || !value.text().startsWith("\"")) {
      throw new Unfit(
          value == null ? name + " is missing; it is a string" : name + " must be a string");
    }
    return Json.gson().fromJson(value.text(), String.class);
  }

  /** Puts each member where the signature wants it. */
  static Arguments of(Signature signature, Map<String, RawJson> given) throws Unfit {
    Map<String, RawJson> left = new LinkedHashMap<>(given);
    List<String> args = new ArrayList<>();
    List<String> gaps = new ArrayList<>();
    List<String> rest = rest(signature, left);
    Map<String, RawJson> named = new LinkedHashMap<>();
    for (Signature.Parameter parameter : signature.parameters()) {
      RawJson value = left.get(parameter.name());
      switch (parameter.kind()) {
        case POSITIONAL -> byPlace(parameter, value, args, gaps, left);
        case EITHER -> {
          if (!rest.isEmpty()) {
            byPlace(parameter, value, args, gaps, left);
          }
        }
        case NAMED, REST, MORE -> {
          // by name, taken already, or all that is left
        }
      }
    }
    if (!gaps.isEmpty() && !rest.isEmpty()) {
      throw missing(gaps, signature);
    }
    args.addAll(rest);
    named.putAll(left);
    boolean takesNames =
        signature.parameters().stream()
            .anyMatch(each ->
                each.kind() == Signature.Kind.EITHER
                    || each.kind() == Signature.Kind.NAMED
                    || each.kind() == Signature.Kind.MORE);
    if (!takesNames && !named.isEmpty()) {
      throw new Unfit(
          "unknown argument: "
              + String.join(", ", named.keySet())
              + "; it takes "
              + signature.text());
    }
    String object =
        named.entrySet().stream()
            .map(each -> Json.gson().toJson(each.getKey()) + ":" + each.getValue())
            .collect(Collectors.joining(",", "{", "}"));
    return new Arguments(new RawJson("[" + String.join(",", args) + "]"), new RawJson(object));
  }

  private static void byPlace(
      Signature.Parameter parameter,
      @Nullable RawJson value,
      List<String> args,
      List<String> gaps,
      Map<String, RawJson> left)
      throws Unfit {
    if (value == null) {
      gaps.add(parameter.name());
      return;
    }
    if (!gaps.isEmpty()) {
      throw new Unfit(
          parameter.name() + " goes by its place: give " + String.join(", ", gaps) + ", too");
    }
    args.add(value.text());
    left.remove(parameter.name());
  }

  private static Unfit missing(List<String> gaps, Signature signature) {
    return new Unfit(
        "give "
            + String.join(", ", gaps)
            + ", too: the arguments after it go by their place, in "
            + signature.text());
  }

  private static List<String> rest(Signature signature, Map<String, RawJson> left) throws Unfit {
    for (Signature.Parameter parameter : signature.parameters()) {
      if (parameter.kind() == Signature.Kind.REST) {
        RawJson value = left.remove(parameter.name());
        return value == null ? List.of() : items(parameter.name(), value);
      }
    }
    return List.of();
  }

  private static List<String> items(String name, RawJson array) throws Unfit {
    List<String> items = new ArrayList<>();
    try (JsonReader reader = Json.strictReader(new StringReader(array.text()))) {
      if (reader.peek() != JsonToken.BEGIN_ARRAY) {
        throw new Unfit(name + " must be an array");
      }
      reader.beginArray();
      while (reader.hasNext()) {
        items.add(RawJson.read(reader).text());
      }
      reader.endArray();
    } catch (IOException e) {
      throw new JsonParseException(e);
    }
    return items;
  }
}
