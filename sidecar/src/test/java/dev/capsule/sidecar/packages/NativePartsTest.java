package dev.capsule.sidecar.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativePartsTest {
  private static final Locked YAML =
      new Locked("PyYAML", "6", List.of("sha256:" + "0".repeat(64)), List.of());

  @TempDir Path site;

  @BeforeEach
  void write() throws IOException {
    for (String name :
        new String[] {
          "yaml/__init__.py",
          "yaml/_yaml.cpython-314-x86_64-linux-gnu.so",
          "both/fast.abi3.so",
          "both/fast.py",
          "pyyaml.libs/libyaml-0.so.2.0",
          "win.pyd",
          "bin/tool",
          "PyYAML-6.dist-info/RECORD"
        }) {
      Path file = site.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "x");
    }
    Files.writeString(
        site.resolve("PyYAML-6.dist-info/RECORD"),
        "yaml/_yaml.cpython-314-x86_64-linux-gnu.so,sha256=x,1\nyaml/__init__.py,,\n");
  }

  @Test
  void noneOfThemIsLeft() throws IOException {
    assertThat(NativeParts.remove(site, List.of(YAML))).isEqualTo(Map.of("yaml", YAML));
    assertThat(FileTree.files(site).stream().map(file -> site.relativize(file).toString()))
        .containsExactlyInAnyOrder(
            "yaml/__init__.py",
            "yaml/_yaml.py",
            "both/fast.py",
            "win.py",
            "PyYAML-6.dist-info/RECORD");
    assertThat(site.resolve("both/fast.py")).as("the same in Python").hasContent("x");
    assertThat(site.resolve("yaml/_yaml.py"))
        .content()
        .contains("raise ModuleNotFoundError(\"yaml._yaml of PyYAML 6 is native code");
  }

  /** They are the package's own, and nothing but a hint: whoever cannot read them does without. */
  @Test
  void recordsMayHoldAnything() throws IOException {
    Path list = site.resolve("PyYAML-6.dist-info/RECORD");
    byte[] bytes = Files.readAllBytes(list);
    Files.write(list, new byte[] {(byte) 0xFF, 0, '\n', ',', '"', '\n'});
    Files.write(list, bytes, StandardOpenOption.APPEND);
    assertThat(NativeParts.remove(site, List.of(YAML))).isEqualTo(Map.of("yaml", YAML));
  }

  @Test
  void aHugeRecordIsNotRead() throws IOException {
    try (FileChannel list =
        FileChannel.open(site.resolve("PyYAML-6.dist-info/RECORD"), StandardOpenOption.WRITE)) {
      list.write(ByteBuffer.allocate(1), FileTree.MAX_BYTES - 1); // the rest is a hole
    }
    assertThat(NativeParts.remove(site, List.of(YAML))).isEmpty();
    assertThat(site.resolve("yaml/_yaml.py")).content().contains("\"yaml._yaml is native code");
  }

  @Test
  void whatIsNeitherAFileNorAFolderIsRefused() throws Exception {
    FileTree.check(site);
    Files.createSymbolicLink(site.resolve("yaml/link"), site);
    assertThatExceptionOfType(PackageException.class)
        .isThrownBy(() -> FileTree.check(site))
        .withMessageContaining("neither a file nor a folder: yaml/link");
  }

  @Test
  void changesAreSeenInTheFingerprint() throws IOException {
    String before = FileTree.fingerprint(site);
    assertThat(FileTree.fingerprint(site)).isEqualTo(before);
    Files.writeString(site.resolve("yaml/new.py"), "");
    assertThat(FileTree.fingerprint(site)).isNotEqualTo(before);
  }
}
