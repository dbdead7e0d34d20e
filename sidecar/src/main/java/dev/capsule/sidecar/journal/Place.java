package dev.capsule.sidecar.journal;

import java.nio.file.Path;

/** Where a journal is kept. */
public sealed interface Place {
  Durability durability();

  /** In a folder of this machine, which is made if need be. */
  record Folder(Path folder, Durability durability) implements Place {
    public Folder {
      folder = folder.toAbsolutePath().normalize();
    }
  }

  /**
   * On a PostgreSQL server.
   *
   * @param url {@code postgresql://user@host/database}, which may hold a password
   */
  record Server(String url, Durability durability) implements Place {
    @Override
    public String toString() {
      return "Server[" + durability + "]"; // the address may hold a password
    }
  }
}
