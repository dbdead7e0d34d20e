package dev.capsule.sidecar.bundle;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

/** What guests need of <a href="https://tc39.es/ecma426/">source maps</a>. */
final class SourceMaps {
  private static final String PACKAGES = "node_modules/";

  private SourceMaps() {}

  /**
   * The map without the texts of packages, which are most of it and which nobody is shown.
   *
   * @param linesBefore that were put before the module
   */
  static String slim(String map, int linesBefore) {
    JsonObject json = JsonParser.parseString(map).getAsJsonObject();
    JsonArray sources = json.getAsJsonArray("sources");
    JsonArray contents = json.getAsJsonArray("sourcesContent");
    for (int i = 0; i < contents.size(); i++) {
      if (sources.get(i).getAsString().contains(PACKAGES)) {
        contents.set(i, JsonNull.INSTANCE);
      }
    }
    json.addProperty("mappings", ";".repeat(linesBefore) + json.get("mappings").getAsString());
    return json.toString();
  }
}
