package dev.capsule.sidecar.journal;

import java.nio.file.Files;
import java.nio.file.Path;

/** SQLite's own library, which its driver would else unpack anew for each process. */
final class Native {
  private Native() {}

  /** Points the driver to the library that the build has unpacked, if it has. */
  static void prepare() {
    Path folder = Path.of(System.getProperty("capsule.home", "build"), "native").toAbsolutePath();
    if (System.getProperty("org.sqlite.lib.path") == null
        && Files.exists(folder.resolve(System.mapLibraryName("sqlitejdbc")))) {
      System.setProperty("org.sqlite.lib.path", folder.toString());
    }
  }
}
