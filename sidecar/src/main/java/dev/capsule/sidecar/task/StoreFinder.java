package dev.capsule.sidecar.task;

import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.journal.Durability;
import dev.capsule.sidecar.journal.Journal;
import dev.capsule.sidecar.journal.JournalException;
import dev.capsule.sidecar.journal.Journals;
import dev.capsule.sidecar.journal.Place;
import dev.capsule.sidecar.policy.ConfigFile;
import dev.capsule.sidecar.policy.JournalConfig;
import dev.capsule.sidecar.sandbox.PrivateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
    if (url != null && !url.isEmpty()) {
      return at(new Place.Server(url, durable), "the server of the journal");
    }
    Path store = StoreFolder.of(folder, file == null ? null : file.path(), environment);
    if (durable != Durability.OFF) {
      requireSafe(store);
    }
    return at(new Place.Folder(store, durable), store.toString());
  }

  private Journal at(Place place, String shown) {
    try {
      return journals.at(place);
    } catch (JournalException e) {
      throw Workflow.refused(e, shown);
    }
  }

  /** Whoever can write to a journal decides what is taken for done, and what is resumed. */
  private static void requireSafe(Path store) {
    String problem;
    try {
      if (!Files.exists(store, LinkOption.NOFOLLOW_LINKS)
          || PrivateFolder.isOursOrOfItsPlace(store)) {
        return;
      }
      problem =
          " is a link, belongs to somebody else, or others can write to it, who could forge what is"
              + " in the journal; remove it, or change that (chmod go-w)";
    } catch (IOException e) {
      problem = " cannot be looked at: " + e.getMessage();
    }
    throw Workflow.refused(
        new JournalException(JournalException.Kind.UNAVAILABLE, store + problem), store.toString());
  }
}
