package dev.capsule.sidecar.bundle;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads <a href="https://tc39.es/ecma426/">source maps</a>. */
public final class SourceMaps {
  private static final String PACKAGES = "node_modules/";
  private static final String DIGITS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  private SourceMaps() {}

  /**
   * A place in a source.
   *
   * @param line from 1
   * @param column from 1
   */
  public record Place(String file, int line, int column) {}

  /**
   * Where a place of a module comes from; null if that is not known.
   *
   * @param line from 1
   * @param column from 1
   */
  public static @Nullable Place original(String map, int line, int column) {
    JsonObject json = JsonParser.parseString(map).getAsJsonObject();
    String[] lines = json.get("mappings").getAsString().split(";", -1);
    if (line < 1 || line > lines.length) {
      return null;
    }
    int[] at = new int[4]; // source, line, column; of the module's column only within a line
    int[] found = null;
    for (int i = 0; i < line; i++) {
      int generated = 0;
      for (String segment : lines[i].isEmpty() ? new String[0] : lines[i].split(",", -1)) {
        int[] fields = decode(segment);
        generated += fields[0];
        if (fields.length >= 4) {
          for (int field = 1; field < 4; field++) {
            at[field] += fields[field];
          }
        }
        if (i == line - 1 && generated <= column - 1) {
          found = fields.length >= 4 ? at.clone() : null;
        }
      }
    }
    return found == null
        ? null
        : new Place(
            json.getAsJsonArray("sources").get(found[1]).getAsString(), found[2] + 1, found[3] + 1);
  }

  /** The numbers of a segment, in base 64 and of any length. */
  private static int[] decode(String segment) {
    int[] numbers = new int[5];
    int count = 0;
    int value = 0;
    int shift = 0;
    for (int i = 0; i < segment.length() && count < numbers.length; i++) {
      int digit = DIGITS.indexOf(segment.charAt(i));
      value |= (digit & 31) << shift;
      shift += 5;
      if ((digit & 32) == 0) {
        numbers[count++] = (value & 1) == 0 ? value >> 1 : -(value >> 1);
        value = 0;
        shift = 0;
      }
    }
    return Arrays.copyOf(numbers, count);
  }

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
