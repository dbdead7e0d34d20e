package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SidecarProcess;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Machine code that was compiled once: when it is used, when it is made anew, when it is refused.
 */
class CacheTest {
  private static final String SOURCE =
      "from capsule import task\n@task\ndef t(): return 'from the cache'\n";

  @TempDir static Path caches;
  @TempDir static Path folder;

  private static Path filled = Path.of("unset");

  private static SidecarProcess start(Path cache) {
    return SidecarProcess.start(Map.of("XDG_CACHE_HOME", cache.toString()));
  }

  private static void assertWorks(SidecarProcess sidecar) {
    sidecar.initialize();
    assertThat(Program.load(sidecar, folder, SOURCE).task("t").value().getAsString())
        .isEqualTo("from the cache");
  }

  private static boolean compiles(SidecarProcess sidecar) {
    return sidecar.errors().contains("compiling");
  }

  /** Two that start at once with an empty cache: one compiles, the other waits for it. */
  @BeforeAll
  static void twoAtOnceCompileOnce() throws IOException {
    filled = Files.createDirectory(caches.resolve("filled"));
    try (SidecarProcess one = start(filled);
        SidecarProcess two = start(filled)) {
      assertWorks(one);
      assertWorks(two);
      assertThat(List.of(compiles(one), compiles(two))).containsOnlyOnce(true);
    }
    assertThat(files("*.cwasm")).hasSize(1);
    assertThat(files("*.tmp")).isEmpty();
  }

  private static List<Path> files(String pattern) throws IOException {
    List<Path> found = new ArrayList<>();
    try (var files = Files.newDirectoryStream(filled.resolve("capsule"), pattern)) {
      files.forEach(found::add);
    }
    return found;
  }

  private static Path compiled() throws IOException {
    return files("*.cwasm").getFirst();
  }

  private static void assertMadeAnewOnce() {
    try (SidecarProcess first = start(filled)) {
      assertWorks(first);
      assertThat(compiles(first)).as("it is made anew").isTrue();
    }
    try (SidecarProcess second = start(filled)) {
      assertWorks(second);
      assertThat(compiles(second)).as("and then used").isFalse();
    }
  }

  @Test
  void whatWasCompiledIsUsedAndPrivate() throws IOException {
    try (SidecarProcess sidecar = start(filled)) {
      assertWorks(sidecar);
      assertThat(sidecar.errors()).isEmpty();
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(compiled())))
        .isEqualTo("rw-------");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(filled.resolve("capsule"))))
        .isEqualTo("rwx------");
  }

  @Test
  void aDamagedFileIsMadeAnew() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(compiled().toFile(), "rw")) {
      file.seek(file.length() / 2);
      int old = file.read();
      file.seek(file.length() / 2);
      file.write(old ^ 0x40);
    }
    assertMadeAnewOnce();
  }

  @Test
  void aFileWithoutItsChecksumIsMadeAnew() throws IOException {
    Path sum = files("*.crc32c").getFirst();
    Files.write(sum, new byte[] {(byte) 0xff, 0, (byte) 0xfe});
    assertMadeAnewOnce();
  }

  @Test
  void whatWasNotUsedForAMonthGoesWhenSomethingIsCompiled() throws IOException {
    Path own = filled.resolve("capsule");
    Path old = own.resolve("0123.cwasm");
    Path recent = own.resolve("4567.cwasm");
    Path leftover = own.resolve("new-89.tmp");
    for (Path each : List.of(old, sum(old), recent, sum(recent), leftover)) {
      Files.writeString(each, "machine code of another build");
    }
    Path used = sum(compiledBy(old, recent));
    for (Path each : List.of(old, sum(old), leftover, used)) {
      Files.setLastModifiedTime(each, daysAgo(31));
    }
    Files.setLastModifiedTime(sum(recent), daysAgo(29));
    try (SidecarProcess sidecar = start(filled)) {
      assertWorks(sidecar); // and so the one in use is no longer old
    }
    assertThat(Files.getLastModifiedTime(used)).isGreaterThan(daysAgo(1));
    assertThat(old).as("nothing was compiled").exists();
    Files.writeString(used, "damaged");
    assertMadeAnewOnce();
    assertThat(List.of(old, sum(old), leftover)).noneMatch(Files::exists);
    assertThat(List.of(recent, sum(recent), used)).allMatch(Files::exists);
    Files.delete(recent);
    Files.delete(sum(recent));
  }

  private static Path compiledBy(Path... others) throws IOException {
    List<Path> found = files("*.cwasm");
    found.removeAll(List.of(others));
    return found.getFirst();
  }

  private static Path sum(Path compiled) {
    return compiled.resolveSibling(compiled.getFileName() + ".crc32c");
  }

  private static FileTime daysAgo(int days) {
    return FileTime.from(Instant.now().minus(Duration.ofDays(days)));
  }

  @Test
  void aFolderThatOthersCanWriteToIsRefused() throws IOException {
    Path cache = Files.createDirectory(caches.resolve("open"));
    Path capsule = Files.createDirectory(cache.resolve("capsule"));
    Files.setPosixFilePermissions(capsule, PosixFilePermissions.fromString("rwxrwxrwx"));
    try (SidecarProcess sidecar = start(cache)) {
      sidecar.initialize();
      Program.write(folder.resolve("main.py"), SOURCE);
      var reply = sidecar.request("loadProgram", Program.params(folder)).reply();
      JsonObject error = reply.error();
      assertThat(error.get("code").getAsInt()).isEqualTo(-32603);
      assertThat(error.get("message").getAsString())
          .contains("others can write to it")
          .contains("XDG_CACHE_HOME");
    }
    assertThat(capsule).isEmptyDirectory();
  }
}
