package dev.capsule.flatten;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The rules of {@code guards.txt}, by what they are about. */
final class GuardTable {
  private static final String FILE = "guards.txt";

  /** Interfaces whose every function must have a rule. */
  private static final String GUARDED = "wasi:";

  private final Map<ImportName, GuardRule> rules;

  private GuardTable(Map<ImportName, GuardRule> rules) {
    this.rules = rules;
  }

  static GuardTable read() {
    Map<ImportName, GuardRule> rules = new HashMap<>();
    text()
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .forEach(line -> {
          List<String> columns = List.of(line.strip().split(" {2,}"));
          rules.put(
              new ImportName(columns.get(0), columns.get(1)),
              GuardRule.parse(columns.subList(2, columns.size())));
        });
    return new GuardTable(rules);
  }

  private static String text() {
    try (InputStream in =
        Objects.requireNonNull(GuardTable.class.getResourceAsStream(FILE), FILE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The rule for an import, or null if it need not be guarded.
   *
   * @throws FlattenException if it would have to be guarded but is not known
   */
  @Nullable GuardRule rule(ImportName name, FunctionType type) {
    if (!name.instance().startsWith(GUARDED)) {
      return null;
    }
    @Nullable GuardRule rule = rules.get(new ImportName(name.interfaceName(), name.name()));
    if (rule == null) {
      throw new FlattenException(
          "unsupported import: guards.txt does not say what %s costs".formatted(name));
    }
    if (!rule.type().equals(type)) {
      throw new FlattenException(
          "unsupported import: %s has another type than guards.txt says".formatted(name));
    }
    return rule.effects().isEmpty() ? null : rule;
  }
}
