package dev.capsule.sidecar.journal;

import java.nio.file.Files;
import java.nio.file.Path;
import org.sqlite.SQLiteJDBCLoader;

/** SQLite's own library, which its driver would else unpack anew for each process. */
final class Native {
  private static boolean prepared;

  private Native() {}

  /** Points the driver to the library that the build has unpacked, if it has, and loads it. */
  static synchronized void prepare() {
    if (prepared) {
      return;
    }
    prepared = true;
    String folder =
        Path.of(System.getProperty("capsule.home", "build"), "native").toAbsolutePath().toString();
    if (System.getProperty("org.sqlite.lib.path") == null
        && Files.exists(Path.of(folder, System.mapLibraryName("sqlitejdbc")))) {
      System.setProperty("org.sqlite.lib.path", folder);
      // where the driver looks for what it has left: else among all of the machine's passing files
      System.setProperty("org.sqlite.tmpdir", folder);
    }
    // The driver itself first looks up how dates are written, which takes as long.
    Thread.ofPlatform().name("sqlite").daemon().start(Native::load);
  }

  private static void load() {
    try {
      var _ = SQLiteJDBCLoader.initialize();
    } catch (Exception e) {
      // whoever opens a database tries it again, and is told
    }
  }
}
