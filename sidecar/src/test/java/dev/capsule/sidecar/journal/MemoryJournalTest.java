package dev.capsule.sidecar.journal;

import java.nio.file.Path;
import java.util.Map;

/** Of a journal that is not kept, all that can be asked within a process. */
class MemoryJournalTest extends JournalContract {
  private final Journals journals = new Journals(Map.of(), message -> {});

  @Override
  Journal connect() {
    return journals.at(new Place.Folder(Path.of("/nowhere"), Durability.OFF));
  }
}
