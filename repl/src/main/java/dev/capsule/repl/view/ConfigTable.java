package dev.capsule.repl.view;

import com.google.gson.JsonElement;
import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.Setting;
import dev.capsule.protocol.TaskSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is set and where it was written, in aligned columns. */
public final class ConfigTable {
  /** A longer value does not push the column of origins further to the right. */
  private static final int WIDEST_VALUE = 64;

  private ConfigTable() {}

  /**
   * The table, without a line end at its end.
   *
   * @param shown how to write a path for the user
   */
  public static String of(DescribeConfigResult config, Function<Path, String> shown) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "configuration  "
            + (config.config() == null
                ? "none; `capsule init` writes one"
                : shown.apply(Path.of(config.config()))));
    String workflow =
        Stream.of(config.name(), config.version())
            .filter(part -> part != null)
            .collect(Collectors.joining(" "));
    if (!workflow.isEmpty()) {
      lines.add("workflow       " + workflow);
    }
    if (config.entrypoint() != null) {
      lines.add("entrypoint     " + shown.apply(Path.of(config.entrypoint())));
    }
    if (!config.dependencies().isEmpty()) {
      lines.add("dependencies   " + String.join(", ", config.dependencies()));
    }
    List<Setting> all =
        Stream.of(
                config.defaults().stream(),
                config.tasks().stream().flatMap(task -> task.settings().stream()),
                config.ceiling().stream())
            .flatMap(settings -> settings)
            .toList();
    int names = all.stream().mapToInt(setting -> setting.name().length()).max().orElse(0);
    int values =
        all.stream()
            .mapToInt(setting -> value(setting.value()).length())
            .filter(length -> length <= WIDEST_VALUE)
            .max()
            .orElse(0);
    String row = "  %-" + Math.max(1, names) + "s  %-" + Math.max(1, values) + "s  %s";
    if (config.tasks().isEmpty()) {
      section(lines, "a task that says nothing", config.defaults(), row);
    }
    for (TaskSettings task : config.tasks()) {
      String title = "task " + task.name() + ", " + task.file() + ":" + task.line();
      section(lines, title, task.settings(), row);
    }
    section(lines, "ceiling", config.ceiling(), row);
    return String.join("\n", lines);
  }

  private static void section(
      List<String> lines, String title, List<Setting> settings, String row) {
    if (settings.isEmpty()) {
      return;
    }
    lines.add("");
    lines.add(title);
    for (Setting setting : settings) {
      lines.add(row.formatted(setting.name(), value(setting.value()), setting.origin()));
    }
  }

  private static String value(JsonElement value) {
    if (value.isJsonNull()) {
      return "all";
    }
    if (value.isJsonArray()) {
      return value.getAsJsonArray().isEmpty()
          ? "none"
          : value.getAsJsonArray().asList().stream()
              .map(ConfigTable::value)
              .collect(Collectors.joining(", "));
    }
    return value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }
}
