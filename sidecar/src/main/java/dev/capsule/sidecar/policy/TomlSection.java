package dev.capsule.sidecar.policy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * A table of a configuration, whose keys know where they stand.
 *
 * @param file as shown to users
 * @param path what precedes its keys in errors, {@code "tasks.fetch."}
 * @param prefix what precedes the names of options in its keys, {@code "default_"}
 */
record TomlSection(TomlTable table, String file, String path, String prefix) implements Source {
  Set<String> keys() {
    return table.keySet();
  }

  /** The table under a key; null: there is none. */
  @Nullable TomlSection section(String key, String innerPrefix) throws OptionException {
    Object value = table.get(List.of(key));
    if (value == null) {
      return null;
    }
    if (value instanceof TomlTable inner) {
      return new TomlSection(inner, file, path + key + ".", innerPrefix);
    }
    throw fault(key, "must be a table: [" + path + key + "]");
  }

  /** Text under a key; null: there is none. */
  @Nullable String text(String key) throws OptionException {
    Object value = table.get(List.of(key));
    if (value == null || (value instanceof String text && !text.isBlank())) {
      return (String) value;
    }
    throw fault(key, "must be text, and not empty");
  }

  /** What is under a key, as JSON. */
  JsonElement json(String key) throws OptionException {
    return json(key, table.get(List.of(key)));
  }

  private JsonElement json(String key, @Nullable Object value) throws OptionException {
    return switch (value) {
      case String text -> new JsonPrimitive(text);
      case Boolean truth -> new JsonPrimitive(truth);
      case Double number when !Double.isFinite(number) ->
          new JsonPrimitive(Double.toString(number));
      case Number number -> new JsonPrimitive(number);
      case TomlArray array -> {
        JsonArray list = new JsonArray();
        for (int i = 0; i < array.size(); i++) {
          list.add(json(key, array.get(i)));
        }
        yield list;
      }
      case TomlTable inner -> {
        JsonObject object = new JsonObject();
        for (String name : inner.keySet()) {
          object.add(name, json(key, inner.get(List.of(name))));
        }
        yield object;
      }
      case null, default ->
          throw new OptionException(path + key, null, "must not be a date or a time")
              .at("", where(key));
    };
  }

  /** Its keys that have the prefix, without it, as options. */
  JsonObject options() throws OptionException {
    JsonObject options = new JsonObject();
    for (String key : keys()) {
      if (key.startsWith(prefix)) {
        options.add(key.substring(prefix.length()), json(key));
      }
    }
    return options;
  }

  void requireKnown(Collection<String> known) throws OptionException {
    for (String key : keys()) {
      if (!known.contains(key)) {
        throw new OptionException(
                path + key, null, "is not a key of " + title() + "; " + Names.suggest(key, known))
            .at("", where(key));
      }
    }
  }

  private String title() {
    return path.isEmpty() ? "the configuration" : "[" + path.substring(0, path.length() - 1) + "]";
  }

  OptionException fault(String key, String allowed) {
    String value = null;
    try {
      value = json(key).toString();
    } catch (OptionException e) {
      // a date is not shown
    }
    return new OptionException(path + key, value, allowed).at("", where(key));
  }

  @Override
  public String origin(String option) {
    TomlPosition position = table.inputPositionOf(List.of(prefix + option));
    return position == null ? file : file + ":" + position.line();
  }

  @Override
  public OptionException at(OptionException fault) {
    String field = fault.field();
    int end = 0;
    while (end < field.length() && field.charAt(end) != '[' && field.charAt(end) != '.') {
      end++;
    }
    String key = prefix + field.substring(0, end);
    return fault.at(path + prefix, where(key, field.substring(end)));
  }

  /** An entry of a list of packages. */
  Dependency dependency(String key, int entry, String text) {
    TomlPosition position =
        table.get(List.of(key)) instanceof TomlArray array
            ? array.inputPositionOf(entry)
            : table.inputPositionOf(List.of(key));
    return position == null
        ? new Dependency(text, entry, file, 1, 1)
        : new Dependency(text, entry, file, position.line(), position.column());
  }

  /** Where a key stands, {@code "capsule.toml:12:1"}. */
  String where(String key) {
    return where(key, "");
  }

  /** Where a key stands, or an entry of its list: {@code rest} is {@code "[2]"} or the like. */
  private String where(String key, String rest) {
    TomlPosition position = table.inputPositionOf(List.of(key));
    if (rest.startsWith("[") && table.get(List.of(key)) instanceof TomlArray array) {
      int index = Integer.parseInt(rest.substring(1, rest.indexOf(']')));
      position = array.inputPositionOf(index);
    }
    return position == null ? file : file + ":" + position.line() + ":" + position.column();
  }
}
