package dev.capsule.sidecar.policy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Lists of names: of hosts, of environment variables, of tools and tasks. */
final class NameLists {
  /** Far beyond what anybody writes by hand. */
  private static final int MOST = 10_000;

  private static final int LONGEST = 200;
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private NameLists() {}

  static List<HostPattern> hosts(String field, JsonElement value) throws OptionException {
    JsonArray entries =
        array(field, value, "hosts such as \"api.example.com\", \"*.example.com\" or \"*\"");
    List<HostPattern> hosts = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      HostPattern host = HostPattern.parse(field + "[" + i + "]", entries.get(i));
      if (!hosts.contains(host)) {
        hosts.add(host);
      }
    }
    return List.copyOf(hosts);
  }

  static List<String> variables(String field, JsonElement value) throws OptionException {
    List<String> names = strings(field, value, "names of environment variables");
    for (int i = 0; i < names.size(); i++) {
      if (!VARIABLE.matcher(names.get(i)).matches()) {
        throw new OptionException(
            field + "[" + i + "]",
            value.getAsJsonArray().get(i).toString(),
            "must be the name of an environment variable: letters, digits and \"_\", not beginning"
                + " with a digit");
      }
    }
    return names.stream().distinct().toList();
  }

  static List<String> names(String field, JsonElement value) throws OptionException {
    return strings(field, value, "names").stream().distinct().toList();
  }

  /** Every entry, in order; of a name that is there twice, both. */
  static List<String> strings(String field, JsonElement value, String what) throws OptionException {
    JsonArray entries = array(field, value, what);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      if (!(entries.get(i) instanceof JsonPrimitive name)
          || !name.isString()
          || name.getAsString().isEmpty()
          || name.getAsString().length() > LONGEST) {
        throw new OptionException(
            field + "[" + i + "]",
            entries.get(i).toString(),
            "must be text of 1 to " + LONGEST + " characters; the list holds " + what);
      }
      names.add(name.getAsString());
    }
    return names;
  }

  private static JsonArray array(String field, JsonElement value, String what)
      throws OptionException {
    if (!(value instanceof JsonArray entries)) {
      throw new OptionException(field, value.toString(), "must be a list of " + what);
    }
    if (entries.size() > MOST) {
      throw new OptionException(field, null, "must have at most " + MOST + " entries");
    }
    return entries;
  }
}
