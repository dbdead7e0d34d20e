package dev.capsule.sidecar.packages;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A program of the user's that chooses versions and fetches wheels. It has the user's own settings:
 * indexes, credentials, proxies, certificates. It must be told in every call to take wheels only.
 */
sealed interface Installer permits Pip, Uv {
  /** For messages. */
  String name();

  /**
   * Chooses the versions.
   *
   * @param requirements file with one a line
   * @param work folder for this installer's own files
   */
  List<Locked> lock(Path requirements, Path work, Subprocess subprocess)
      throws PackageException, IOException, InterruptedException;

  /**
   * Fetches just these versions into a folder that is not there yet.
   *
   * @param lock file as {@link Locked#write} writes it
   */
  void install(Path lock, Path target, Path work, Subprocess subprocess)
      throws PackageException, IOException, InterruptedException;
}
