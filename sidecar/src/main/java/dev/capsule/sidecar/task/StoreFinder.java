package dev.capsule.sidecar.task;

import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.journal.Durability;
import dev.capsule.sidecar.journal.Journal;
import dev.capsule.sidecar.journal.Journals;
import dev.capsule.sidecar.journal.Place;
import dev.capsule.sidecar.policy.ConfigFile;
import dev.capsule.sidecar.policy.JournalConfig;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the journal of the programs in a folder. */
final class StoreFinder {
  private static final String URL = "CAPSULE_JOURNAL_URL";

  private final Journals journals;
  private final Map<String, String> environment;

  StoreFinder(Journals journals, Map<String, String> environment) {
    this.journals = journals;
    this.environment = environment;
  }

  /**
   * The journal of the programs in a folder. Blocks.
   *
   * @param root absolute path of the folder
   * @param config as in loadProgram
   * @param durability the caller's, which wins over the configuration's; null: none
   * @throws RequestException if there is none, and none can be made
   */
  Journal journal(@Nullable String root, @Nullable String config, @Nullable String durability) {
    Path folder = ProgramLoader.folder("root", root);
    ConfigFile file = ProgramLoader.configFile(folder, config);
    JournalConfig said = ProgramLoader.config(file, folder).journal();
    String how = durability == null ? said.durability() : durability;
    if (how != null && !JournalConfig.DURABILITIES.contains(how)) {
      throw RequestException.invalid(
          "durability",
          new JsonPrimitive(how).toString(),
          "must be one of " + String.join(", ", JournalConfig.DURABILITIES));
    }
    Durability durable =
        how == null ? Durability.FULL : Durability.valueOf(how.toUpperCase(Locale.ROOT));
    String url = environment.getOrDefault(URL, said.url());
    Place place =
        url == null || url.isEmpty()
            ? new Place.Folder(
                StoreFolder.of(folder, file == null ? null : file.path(), environment), durable)
            : new Place.Server(url, durable);
    return journals.at(place);
  }
}
