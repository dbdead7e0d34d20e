package dev.capsule.repl.view;

import com.google.gson.JsonElement;
import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.Setting;
import dev.capsule.protocol.TaskSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is set and where it was written, in aligned columns. */
public final class ConfigTable {
  /** A longer list goes on in the next line; another value that is longer juts out. */
  private static final int WIDEST_VALUE = 34;

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
            .flatMap(setting -> lines(setting.value()).stream())
            .mapToInt(String::length)
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
      List<String> value = lines(setting.value());
      lines.add(row.formatted(setting.name(), value.getFirst(), setting.origin()));
      value.stream()
          .skip(1)
          .forEach(rest -> lines.add(row.formatted("", rest, "").stripTrailing()));
    }
  }

  /** A value as people write it, with as many elements of a list in a line as there is room for. */
  private static List<String> lines(JsonElement value) {
    if (!value.isJsonArray() || value.getAsJsonArray().isEmpty()) {
      return List.of(text(value));
    }
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (Iterator<JsonElement> elements = value.getAsJsonArray().iterator(); elements.hasNext(); ) {
      String element = text(elements.next()) + (elements.hasNext() ? "," : "");
      if (!line.isEmpty() && line.length() + 1 + element.length() > WIDEST_VALUE) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(element);
    }
    lines.add(line.toString());
    return lines;
  }

  private static String text(JsonElement value) {
    if (value.isJsonNull()) {
      return "all";
    }
    if (value.isJsonArray()) {
      return value.getAsJsonArray().isEmpty() ? "none" : value.toString();
    }
    return value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }
}
