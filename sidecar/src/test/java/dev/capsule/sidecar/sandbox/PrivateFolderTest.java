package dev.capsule.sidecar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which folders are trusted with native code. */
class PrivateFolderTest {
  @TempDir Path parent;

  private Path path() {
    return parent.resolve("deep/capsule");
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static void assertRefused(Path path) {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> new PrivateFolder(path).ensure())
        .withMessageContaining(path.toString())
        .withMessageContaining("XDG_CACHE_HOME");
  }

  @Test
  void aNewFolderIsTheUsersAlone() throws IOException {
    PrivateFolder folder = new PrivateFolder(path());
    folder.ensure();
    folder.ensure();
    assertThat(mode(path())).isEqualTo("rwx------");
    assertThat(mode(folder.createFile())).isEqualTo("rw-------");
    assertThat(PrivateFolder.isOurs(path())).isTrue();
  }

  @Test
  void aFolderThatOthersCanWriteToIsRefused() throws IOException {
    Files.createDirectories(path());
    for (String mode : new String[] {"rwxrwxr-x", "rwxr-xrwx", "rwx-w----"}) {
      mode(path(), mode);
      assertRefused(path());
    }
    mode(path(), "rwxr-xr-x");
    new PrivateFolder(path()).ensure();
  }

  @Test
  void aLinkIsRefused() throws IOException {
    Path real = Files.createDirectory(parent.resolve("real"));
    Path link = Files.createSymbolicLink(parent.resolve("link"), real);
    assertRefused(link);
  }

  @Test
  void aFileThatOthersCanWriteToIsNotOurs() throws IOException {
    Path file = Files.createFile(parent.resolve("file"));
    mode(file, "rw-r--r--");
    assertThat(PrivateFolder.isOurs(file)).isTrue();
    mode(file, "rw-rw-r--");
    assertThat(PrivateFolder.isOurs(file)).isFalse();
    assertThat(PrivateFolder.isOurs(Files.createSymbolicLink(parent.resolve("link"), file)))
        .isFalse();
  }
}
