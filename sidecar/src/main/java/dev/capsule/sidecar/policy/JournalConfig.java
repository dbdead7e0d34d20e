package dev.capsule.sidecar.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration says of the journal.
 *
 * @param url of a server's database; null: the journal is a file
 * @param durability one of {@link #DURABILITIES}; null: not said
 */
public record JournalConfig(@Nullable String url, @Nullable String durability) {
  /** When the result of a step is safe, and so may be seen. */
  public static final List<String> DURABILITIES = List.of("full", "relaxed", "off");

  static final JournalConfig NONE = new JournalConfig(null, null);
  static final List<String> KEYS = List.of("url", "durability");
  private static final List<String> SCHEMES = List.of("postgresql://", "postgres://");

  static JournalConfig read(TomlSection section) throws OptionException {
    section.requireKnown(KEYS);
    String url = section.text("url");
    if (url != null && SCHEMES.stream().noneMatch(url::startsWith)) {
      throw section.fault("url", "must be the address of a database, \"postgresql://HOST/NAME\"");
    }
    String durability = section.text("durability");
    if (durability != null && !DURABILITIES.contains(durability)) {
      throw section.fault(
          "durability", "must be one of \"" + String.join("\", \"", DURABILITIES) + "\"");
    }
    return new JournalConfig(url, durability);
  }
}
