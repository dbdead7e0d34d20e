package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which folders and files options may name, how, and where the task sees them. */
class MountsTest {
  @TempDir Path folder;
  private Path root = Path.of("unset");
  private Path outside = Path.of("unset");

  @BeforeEach
  void makeFolders() throws IOException {
    Path real = folder.toRealPath();
    root = Files.createDirectories(real.resolve("root"));
    outside = Files.createDirectories(real.resolve("outside"));
    Files.createDirectories(root.resolve("data/deep"));
    Files.createDirectories(real.resolve("root-but-longer"));
    Files.createFile(root.resolve("file.txt"));
    Files.createFile(root.resolve("data/inner.txt"));
    Files.createSymbolicLink(root.resolve("link.txt"), root.resolve("file.txt"));
    Files.createSymbolicLink(root.resolve("way-out"), outside);
    Files.createSymbolicLink(root.resolve("way-in"), root.resolve("data"));
    Files.createSymbolicLink(root.resolve("dangling"), root.resolve("nowhere"));
  }

  private List<Mount> of(String json, boolean insideRoot) throws OptionException {
    List<Mount> mounts = new ArrayList<>();
    Mounts.add(mounts, "allowed_files", JsonParser.parseString(json), root, insideRoot);
    return mounts;
  }

  private OptionException refused(String json) {
    return assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() -> of(json, true))
        .actual();
  }

  @ParameterizedTest
  @CsvSource({
    "'\"data\"', data, /data, true",
    "'\"./data\"', data, /data, true",
    "'\"./data/\"', data, /data, true",
    "'\"data/deep\"', data/deep, /data/deep, true",
    "'\"data/../data/deep\"', data/deep, /data/deep, true",
    "'\"data:ro\"', data, /data, false",
    "'\"data:rw\"', data, /data, true",
    "'\"data::/input\"', data, /input, true",
    "'\"data::input\"', data, /input, true",
    "'\"data::/input:ro\"', data, /input, false",
    "'\"data::/a/../b:read-only\"', data, /b, false",
    "'\"data::/../../x\"', data, /x, true",
    "'\".\"', '', /, true",
    "'\"way-in\"', data, /way-in, true",
    "'{\"path\":\"data\"}', data, /data, true",
    "'{\"path\":\"data\",\"mode\":\"ro\"}', data, /data, false",
    "'{\"path\":\"data\",\"mode\":\"read-only\"}', data, /data, false",
    "'{\"path\":\"data\",\"mode\":\"rw\"}', data, /data, true",
    "'{\"path\":\"data\",\"mode\":\"read-write\"}', data, /data, true",
  })
  void formsOfAFolder(String entry, String host, String guest, boolean writable)
      throws OptionException {
    assertThat(of("[" + entry + "]", true))
        .containsExactly(new Mount(root.resolve(host).normalize(), guest, writable));
  }

  @ParameterizedTest
  @CsvSource({
    "'\"file.txt\"', file.txt, /file.txt, true",
    "'\"./file.txt:ro\"', file.txt, /file.txt, false",
    "'\"file.txt/\"', file.txt, /file.txt, true",
    "'\"file.txt::/in/x.csv:ro\"', file.txt, /in/x.csv, false",
    "'\"data/inner.txt\"', data/inner.txt, /data/inner.txt, true",
    "'\"link.txt\"', file.txt, /link.txt, true",
    "'{\"path\":\"file.txt\",\"mode\":\"ro\"}', file.txt, /file.txt, false",
  })
  void formsOfAFile(String entry, String host, String guest, boolean writable)
      throws OptionException {
    assertThat(of("[" + entry + "]", true))
        .containsExactly(new Mount(root.resolve(host), guest, writable, true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[\"data\", \"data/inner.txt\"]",
        "[\"data/inner.txt\", \"data\"]",
        "[\"data\", \"data/deep/../inner.txt\"]",
      })
  void aFileThatAFolderGivesIsNotGivenTwice(String entries) throws OptionException {
    assertThat(of(entries, true)).containsExactly(new Mount(root.resolve("data"), "/data", true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[\"data:ro\", \"data/inner.txt:rw\"]",
        "[\"data/inner.txt\", \"data:ro\"]",
        "[\"data\", \"file.txt::/data/inner.txt\"]",
        "[\"data\", \"file.txt::/data/deep/new.txt\"]",
        "[\"file.txt::/data/new.txt:ro\", \"data\"]",
        "[\".:ro\", \"data/inner.txt::/new.txt:ro\"]",
      })
  void aFileThatDoesNotAgreeWithItsFolderIsRefused(String entries) {
    assertThat(refused(entries))
        .hasMessageStartingWith("allowed_files[1]=")
        .hasMessageMatching("(?s).*the file /.*\\.txt .* the folder /.*");
  }

  /** The folder would give it all the same, through the folder's own handle. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[\"data\", \"data/inner.txt:ro\"]",
        "[\"data/inner.txt:ro\", \"data\"]",
        "[\"data/inner.txt::/elsewhere/x:ro\", \"data\"]",
        "[\"data\", \"data/deep:ro\"]",
        "[\"data/deep::/elsewhere:ro\", \".\"]",
        "[\"data::/a:ro\", \"data::/b:rw\"]",
      })
  void whatLiesInAFolderThatMayBeChangedIsNotReadOnly(String entries) {
    assertThat(refused(entries))
        .hasMessageStartingWith("allowed_files[1]=")
        .hasMessageMatching("(?s).*/data.* is read-only, but lies in the folder /.*");
  }

  @Test
  void aPartOfAFolderThatIsReadMayBeChanged() throws OptionException {
    assertThat(of("[\".:ro\", \"data:rw\"]", true)).hasSize(2);
  }

  @Test
  void aFileBesideFoldersIsSeenBesideThem() throws OptionException {
    assertThat(of("[\".\", \"file.txt::/elsewhere/x\"]", true)).hasSize(2);
    assertThat(of("[\"data\", \"file.txt\"]", true)).hasSize(2);
  }

  @Test
  void twoFilesCannotBeSeenAtOnePlaceNorWithoutAName() {
    assertThat(refused("[\"file.txt\", \"data/inner.txt::/file.txt\"]").field())
        .isEqualTo("allowed_files[1]");
    assertThat(refused("[\"file.txt\", \"file.txt:ro\"]").field()).isEqualTo("allowed_files[1]");
    assertThat(refused("[\"file.txt::/\"]")).hasMessageContaining("under a name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/proc",
        "/proc/self",
        "/proc/self/environ",
        "/proc/1/root",
        "/sys",
        "/sys/kernel",
        "/dev",
        "/dev/null",
        "/dev/zero",
        "/dev/../proc",
        "//proc",
        "/proc/.",
        "/proc/self/../../sys",
        "/proc/self/fd/0/../..",
        "/"
      })
  void theSystemsOwnFoldersAreNeverGranted(String path) {
    assumeTrue(Files.exists(Path.of(path)));
    for (boolean insideRoot : new boolean[] {false, true}) {
      assertThatExceptionOfType(OptionException.class)
          .isThrownBy(() -> of("[\"" + path + "::/x:ro\"]", insideRoot))
          .withMessageContaining("cannot be granted")
          .withMessageMatching(".*/(proc|sys|dev).*");
    }
  }

  @Test
  void aLinkDoesNotHideThem() throws IOException {
    Path link = Files.createSymbolicLink(root.resolve("kernel"), Path.of("/proc"));
    assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() -> of("[\"kernel\"]", false))
        .withMessageContaining("cannot be granted");
    Files.delete(link); // JUnit warns of links that lead out
  }

  @Test
  void aPipeIsNeitherAFolderNorAFile() throws Exception {
    Path pipe = root.resolve("pipe");
    assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
    assertThat(refused("[\"pipe\"]"))
        .hasMessageContaining("must be a folder or a regular file")
        .hasMessageContaining("pipe");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"..\"",
        "\"../outside\"",
        "\"data/../../outside\"",
        "\"/etc\"",
        "\"way-out\"",
        "\"../root-but-longer\"",
        "{\"path\":\"..\",\"mode\":\"ro\"}",
        "\"../outside::/data\""
      })
  void aTaskCannotGrantItselfWhatLiesOutside(String entry) {
    OptionException refused = refused("[" + entry + "]");
    assertThat(refused.field()).isEqualTo("allowed_files[0]");
    assertThat(refused)
        .hasMessageContaining("must lie in the program's folder " + root)
        .hasMessageContaining("--mount");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"missing\"",
        "\"dangling\"",
        "\"\"",
        "\"data\\u0000\"",
        "\"\\ud800\"",
        "\"::/x\"",
        "\":ro\"",
        "\"data:rx\"",
        "\"data\\u0000::/x\"",
        "\"data::/x\\u0000\"",
        "\"file.txt/x\""
      })
  void whatIsNoFolderIsRefused(String entry) {
    OptionException refused = refused("[\"data\"," + entry + "]");
    assertThat(refused.field()).isEqualTo("allowed_files[1]");
    assertThat(refused).hasMessageContaining("folder");
  }

  @Test
  void aLongNameIsRefused() {
    assertThat(refused("[\"" + "x/".repeat(5000) + "\"]").field()).isEqualTo("allowed_files[0]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"data\"",
        "5",
        "{}",
        "[5]",
        "[true]",
        "[[]]",
        "[null]",
        "[{}]",
        "[{\"path\":5}]",
        "[{\"path\":\"data\",\"modus\":\"ro\"}]",
        "[{\"mode\":\"ro\"}]"
      })
  void whatIsNoListOfFoldersIsRefused(String value) {
    assertThat(refused(value)).hasMessageContaining("must be a list of folders and files");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"w\"", "\"\"", "null", "true", "[]", "\"RO\""})
  void aModeThatDoesNotExistIsRefused(String mode) {
    OptionException refused = refused("[{\"path\":\"data\",\"mode\":" + mode + "}]");
    assertThat(refused.field()).isEqualTo("allowed_files[0].mode");
    assertThat(refused).hasMessageContaining("\"read-only\"");
  }

  @Test
  void aCallerMayGrantWhatLiesOutside() throws OptionException {
    assertThat(of("[\"" + outside + ":ro\", \"../outside:ro\", \"way-out::/o:ro\"]", false))
        .containsExactly(
            new Mount(outside, outside.toString(), false),
            new Mount(outside, "/outside", false),
            new Mount(outside, "/o", false));
  }

  @Test
  void twoFoldersCannotBeSeenAtOnePlace() {
    assertThat(refused("[\"data::/x\", \"data/deep::/x\"]"))
        .hasMessageStartingWith("allowed_files[1]=")
        .hasMessageContaining("/x");
  }

  @Test
  void theSameFolderTwiceIsOne() throws OptionException {
    assertThat(of("[\"data\", \"./data:rw\"]", true)).hasSize(1);
    assertThat(refused("[\"data\", \"data:ro\"]").field()).isEqualTo("allowed_files[1]");
  }

  @Test
  void theCallersFolderWinsAtTheSamePlace() throws OptionException {
    Options task =
        Options.ofTask(
            JsonParser.parseString("{\"allowed_files\":[\"data:rw\",\"data/deep\"]}")
                .getAsJsonObject(),
            Source.caller(),
            root);
    TaskPolicy called =
        Options.ofCaller(
                JsonParser.parseString("{\"mounts\":[\"data:ro\"]}").getAsJsonObject(), root)
            .over(task)
            .policy(List.of());
    assertThat(called.mounts())
        .containsExactly(
            new Mount(root.resolve("data"), "/data", false),
            new Mount(root.resolve("data/deep"), "/data/deep", true));
  }
}
