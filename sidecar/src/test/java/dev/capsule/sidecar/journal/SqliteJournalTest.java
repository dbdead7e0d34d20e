package dev.capsule.sidecar.journal;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

class SqliteJournalTest extends SharedJournalContract {
  @TempDir Path folder;

  @Override
  Journal connect() {
    return new Journals(Map.of(), message -> {})
        .at(new Place.Folder(folder.resolve("a b?c=%20/.capsule"), Durability.FULL));
  }
}
