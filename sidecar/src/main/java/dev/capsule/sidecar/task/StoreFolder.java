package dev.capsule.sidecar.task;

import dev.capsule.sidecar.sandbox.Hashes;
import dev.capsule.sidecar.sandbox.StoreNames;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The folder where what outlives a process is kept: the journal and traces. That of a project is in
 * it; programs that belong to none have theirs in the user's data folder.
 */
public final class StoreFolder {
  private static final int MAX_NAME = 40;

  private StoreFolder() {}

  /**
   * The folder for programs in a folder; it need not exist.
   *
   * @param root a real path
   * @param config the file of the configuration that applies there; null: there is none
   * @param environment tells where the user's data folder is
   */
  static Path of(Path root, @Nullable Path config, Map<String, String> environment) {
    if (config != null) {
      return config.resolveSibling(StoreNames.FOLDER);
    }
    for (Path folder = root; folder != null; folder = folder.getParent()) {
      Path own = folder.resolve(StoreNames.FOLDER);
      if (Files.isDirectory(own, LinkOption.NOFOLLOW_LINKS)) {
        return own;
      }
    }
    Path name = root.getFileName();
    String shown = name == null ? "root" : name.toString().replaceAll("[^A-Za-z0-9._-]", "_");
    return ofUser(environment)
        .resolve(
            shown.substring(0, Math.min(shown.length(), MAX_NAME))
                + "-"
                + Hashes.of(root.toString()).substring(0, 12));
  }

  /** The folder that holds those of programs that belong to no project. */
  public static Path ofUser(Map<String, String> environment) {
    return dataFolder(environment).resolve("stores");
  }

  /** As the XDG Base Directory Specification and other systems have it. */
  private static Path dataFolder(Map<String, String> environment) {
    String xdg = environment.get("XDG_DATA_HOME");
    if (xdg != null && Path.of(xdg).isAbsolute()) {
      return Path.of(xdg, "capsule");
    }
    String windows = environment.get("LOCALAPPDATA");
    if (windows != null) {
      return Path.of(windows, "capsule", "data");
    }
    Path user = Path.of(System.getProperty("user.home"));
    return System.getProperty("os.name").startsWith("Mac")
        ? user.resolve("Library/Application Support/capsule")
        : user.resolve(".local/share/capsule");
  }
}
