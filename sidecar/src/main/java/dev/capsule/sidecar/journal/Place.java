package dev.capsule.sidecar.journal;

import java.nio.file.Path;

/** Where a journal is. */
public sealed interface Place {
  record Folder(Path folder, Durability durability) implements Place {
    @Override
    public String shown() {
      return folder.resolve("journal.db").toString();
    }
  }

  record Server(String url, Durability durability) implements Place {
    @Override
    public String shown() {
      return url;
    }
  }

  String shown();
}
