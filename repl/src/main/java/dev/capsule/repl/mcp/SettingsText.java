package dev.capsule.repl.mcp;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import dev.capsule.protocol.Setting;
import java.util.ArrayList;
import java.util.List;

/** Limits and grants in a sentence or two, for a model that is to keep within them. */
final class SettingsText {
  private SettingsText() {}

  /** Of what is set. */
  static String of(List<Setting> settings) {
    List<String> limits = new ArrayList<>();
    List<String> grants = new ArrayList<>();
    for (Setting setting : settings) {
      switch (setting.name()) {
        case "timeout" -> limits.add(text(setting.value()) + " of time");
        case "ram" -> limits.add(text(setting.value()) + " of memory");
        case "compute" -> limits.add("compute " + text(setting.value()));
        case "max_result" -> limits.add(text(setting.value()) + " of result");
        case "allowed_files" -> grants.add("files " + list(setting.value()));
        case "allowed_hosts" -> grants.add("HTTP to " + list(setting.value()));
        case "env_variables" -> grants.add("environment variables " + list(setting.value()));
        default -> {
          // nothing that a caller has to keep within
        }
      }
    }
    grants.removeIf(grant -> grant.endsWith(" none"));
    return "Limits of a call: "
        + String.join(", ", limits)
        + ". It runs in a fresh sandbox "
        + (grants.isEmpty()
            ? "without files, network or environment variables."
            : "with " + String.join("; ", grants) + "; nothing else of this machine.");
  }

  private static String list(JsonElement value) {
    if (!(value instanceof JsonArray array) || array.isEmpty()) {
      return "none";
    }
    List<String> items = new ArrayList<>();
    for (JsonElement item : array) {
      items.add(item.isJsonObject() ? file(item) : text(item));
    }
    return String.join(", ", items);
  }

  private static String file(JsonElement item) {
    var object = item.getAsJsonObject();
    JsonElement path = object.get("path");
    JsonElement mode = object.get("mode");
    return path == null
        ? item.toString()
        : text(path) + (mode == null ? "" : " (" + text(mode) + ")");
  }

  private static String text(JsonElement value) {
    return value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }
}
