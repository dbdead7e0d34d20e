package dev.capsule.repl.command;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Keeps the token of a server that listens, for its user alone.
 *
 * @param path of the file
 */
record TokenFile(Path path) {
  static TokenFile of(int port) {
    String state = System.getenv("XDG_STATE_HOME");
    Path base =
        state == null || state.isBlank()
            ? Path.of(System.getProperty("user.home"), ".local", "state")
            : Path.of(state).toAbsolutePath();
    return new TokenFile(base.resolve("capsule").resolve("mcp").resolve(port + ".token"));
  }

  /** Makes it anew: nobody may have prepared one that he can read. */
  void write(String token) throws IOException {
    try {
      Files.createDirectories(path.resolveSibling(""), mode("rwx------"));
      Files.deleteIfExists(path);
      Set<StandardOpenOption> create =
          Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      try (SeekableByteChannel file = Files.newByteChannel(path, create, mode("rw-------"))) {
        ByteBuffer bytes = ByteBuffer.wrap((token + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          int _ = file.write(bytes);
        }
      }
    } catch (UnsupportedOperationException e) {
      throw new IOException("this system knows no files for one user alone", e);
    }
  }

  private static FileAttribute<Set<PosixFilePermission>> mode(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }

  /** As far as that can be done. */
  void delete() {
    try {
      boolean _ = Files.deleteIfExists(path);
    } catch (IOException e) {
      // The token is of no use any more.
    }
  }
}
