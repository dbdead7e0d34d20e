package dev.capsule.sidecar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Folders of attempts: whose they are, which are used again, and what becomes of those of others.
 */
class RunFolderTest {
  @TempDir Path cache;
  private final ArrayList<RunFolder> opened = new ArrayList<>();

  private RunFolder runFolder() {
    RunFolder made = new RunFolder(new PrivateFolder(cache.resolve("runs")), Runnable::run);
    opened.add(made);
    return made;
  }

  @AfterEach
  void close() {
    opened.forEach(RunFolder::close);
  }

  private List<Path> runs() throws IOException {
    try (var runs = Files.newDirectoryStream(cache.resolve("runs"), "run-*")) {
      List<Path> found = new ArrayList<>();
      runs.forEach(found::add);
      return found;
    }
  }

  @Test
  void nothingIsMadeBeforeItIsNeeded() {
    RunFolder unused = runFolder();
    assertThat(cache.resolve("runs")).doesNotExist();
    unused.close();
    assertThat(cache.resolve("runs")).doesNotExist();
  }

  @Test
  void aFolderIsNewAndTheUsersAlone() throws IOException {
    RunFolder run = runFolder();
    Path one = run.take();
    Path two = run.take();
    assertThat(one).isNotEqualTo(two).isEmptyDirectory();
    for (Path folder : List.of(one, one.getParent(), cache.resolve("runs"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void onlyAFolderThatNothingWasDoneToIsUsedAgain() throws IOException {
    RunFolder run = runFolder();
    Path untouched = run.take();
    run.giveBack(untouched, false);
    assertThat(run.take()).isEqualTo(untouched);
    run.giveBack(untouched, true);
    assertThat(untouched).doesNotExist();
    Path full = run.take();
    assertThat(full).isNotEqualTo(untouched);
    Files.writeString(full.resolve("secret"), "x");
    run.giveBack(full, false); // as if the guards had missed it
    assertThat(full).doesNotExist();
    assertThat(run.take()).isNotEqualTo(full).isEmptyDirectory();
  }

  @Test
  void closingLeavesNothingBehind() throws IOException {
    RunFolder run = runFolder();
    run.giveBack(run.take(), false);
    run.close();
    assertThat(runs()).isEmpty();
  }

  /** A process that died leaves a folder that nobody has locked. */
  @Test
  void whatADeadProcessLeftBehindIsRemoved() throws IOException {
    Path abandoned = cache.resolve("runs/run-of-the-dead");
    Files.createDirectories(abandoned.resolve("0/deep/er"));
    Files.writeString(abandoned.resolve("0/deep/secret"), "x");
    Files.createSymbolicLink(abandoned.resolve("0/link"), cache);
    Files.setPosixFilePermissions(
        cache.resolve("runs"), PosixFilePermissions.fromString("rwx------"));
    Path own = runFolder().take().getParent();
    assertThat(runs()).containsExactly(own);
  }

  @Test
  void whatALivingProcessHasIsLeftAlone() throws IOException {
    Path first = runFolder().take();
    Path second = runFolder().take();
    assertThat(first).exists();
    assertThat(second).exists();
    assertThat(runs()).hasSize(2);
  }
}
