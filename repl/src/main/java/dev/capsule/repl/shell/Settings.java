package dev.capsule.repl.shell;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.protocol.DescribeConfigParams;
import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.Setting;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Limits and grants of cells, which the user can change on the way. */
final class Settings {
  /** What {@code :set} takes. */
  static final List<String> NAMES =
      List.of("timeout", "compute", "ram", "max_disk", "max_output", "max_result");

  /** Those that hold for the next cell; all others need another sandbox. */
  private static final List<String> OF_A_CELL = List.of("timeout", "compute");

  private final Setup setup;
  private final JsonObject options;
  private int changes;

  Settings(Setup setup) {
    this.setup = setup;
    this.options = setup.options().deepCopy();
  }

  Setup setup() {
    return setup;
  }

  JsonObject options() {
    return options;
  }

  /** Goes up when sessions must be opened anew. */
  int changes() {
    return changes;
  }

  @Nullable JsonElement ofCell(String name) {
    return options.get(name);
  }

  /** Sets a limit; returns whether sessions must be opened anew. */
  boolean set(String name, String value) throws Refused {
    if (!NAMES.contains(name)) {
      throw new Refused("there is no limit " + name + "; there are " + String.join(", ", NAMES));
    }
    options.addProperty(name, value);
    return !OF_A_CELL.contains(name) && changed();
  }

  /** Grants a folder, a file or a host. */
  void grant(String option, String value) {
    JsonArray values = options.getAsJsonArray(option);
    if (values == null) {
      values = new JsonArray();
      options.add(option, values);
    }
    values.add(value);
    changed();
  }

  private boolean changed() {
    changes++;
    return true;
  }

  DescribeConfigParams toDescribe() {
    return new DescribeConfigParams(setup.workingFolder().toString(), null, null, setup.config());
  }

  /** Lines for people: what holds for cells, and what bounds it. */
  List<String> lines(DescribeConfigResult found) {
    JsonObject shown = new JsonObject();
    for (Setting setting : found.defaults()) {
      if (NAMES.contains(setting.name())) {
        shown.add(setting.name(), setting.value());
      }
    }
    options.entrySet().forEach(each -> shown.add(each.getKey(), each.getValue()));
    for (String grant : List.of("mounts", "allowed_hosts", "env_variables")) {
      if (!shown.has(grant)) {
        shown.addProperty(grant, "none");
      }
    }
    JsonObject ceiling = setup.ceiling() == null ? new JsonObject() : setup.ceiling().deepCopy();
    found.ceiling().stream()
        .filter(each -> !ceiling.has(each.name()))
        .forEach(each -> ceiling.add(each.name(), each.value()));
    return shown.entrySet().stream()
        .map(each ->
            "%-14s %s%s"
                .formatted(
                    each.getKey(),
                    text(each.getValue()),
                    ceiling.has(each.getKey())
                        ? "  (at most " + text(ceiling.get(each.getKey())) + ")"
                        : ""))
        .toList();
  }

  private static String text(JsonElement value) {
    return value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }
}
