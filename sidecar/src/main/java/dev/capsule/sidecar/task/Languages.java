package dev.capsule.sidecar.task;

import com.google.gson.JsonPrimitive;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The languages that programs can be written in, and those of them that there are guests for. */
final class Languages {
  private final Map<String, Language> byName = new LinkedHashMap<>();
  private final Set<String> guests;

  /**
   * @param guests names of those that there are guests for
   */
  Languages(Collection<Language> all, Set<String> guests) {
    all.forEach(language -> byName.put(language.name(), language));
    this.guests = guests;
  }

  /** The names of those that programs can be run in. */
  List<String> available() {
    return byName.keySet().stream().filter(guests::contains).sorted().toList();
  }

  /**
   * The language of that name.
   *
   * @throws RequestException if there is none, or no guest for it
   */
  Language named(String name) {
    Language language = byName.get(name);
    if (language == null) {
      throw unknown(name, "must be one of " + available());
    }
    return present(language);
  }

  /**
   * The language of a file, by its name.
   *
   * @param named by the client; null: it is to be told from the file's name
   */
  Language of(Path file, @Nullable String named) {
    if (named != null) {
      return named(named);
    }
    String name = file.toString();
    for (Language language : byName.values()) {
      if (language.extension(name) != null) {
        return present(language);
      }
    }
    throw unknown(
        null, "is missing, and not to be told from the file's name; must be one of " + available());
  }

  private Language present(Language language) {
    if (!guests.contains(language.name())) {
      throw unknown(language.name(), "cannot be run here: " + language.missing());
    }
    return language;
  }

  private static RequestException unknown(@Nullable String name, String why) {
    return RequestException.invalid(
        "language", name == null ? null : new JsonPrimitive(name).toString(), why);
  }
}
