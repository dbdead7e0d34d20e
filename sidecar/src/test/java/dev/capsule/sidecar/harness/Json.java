package dev.capsule.sidecar.harness;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

/** JSON for tests to send. */
public final class Json {
  private Json() {}

  /** A value of its text. */
  public static JsonElement of(String text) {
    return JsonParser.parseString(text);
  }

  /** An object of its text. */
  public static JsonObject object(String text) {
    return of(text).getAsJsonObject();
  }

  /** An array of strings. */
  public static JsonArray array(String... texts) {
    JsonArray array = new JsonArray();
    for (String text : texts) {
      array.add(text);
    }
    return array;
  }
}
