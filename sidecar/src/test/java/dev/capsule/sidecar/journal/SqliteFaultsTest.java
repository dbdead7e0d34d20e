package dev.capsule.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.capsule.sidecar.journal.JournalException.Kind;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user is told when the journal's folder does not do what it should. */
class SqliteFaultsTest {
  @TempDir Path folder;

  private final List<Journals> opened = new ArrayList<>();

  private Journal journal() {
    Journals journals = new Journals(Map.of(), message -> {});
    opened.add(journals);
    return journals.at(new Place.Folder(folder, Durability.FULL));
  }

  @AfterEach
  void close() {
    opened.forEach(Journals::close);
  }

  private static Opening opening(String id) {
    return JournalContract.opening(id);
  }

  private JournalException refusal() {
    return JournalContract.failure(() -> journal().open(opening("a")));
  }

  private Path file() {
    return folder.resolve("journal.db");
  }

  /** A disk of one megabyte. */
  private JournalProcess onSmallDisk() {
    return isolated("mount -t tmpfs -o size=1m,mode=700 none '" + folder + "'");
  }

  /** A process that sees a file system of its own. */
  private JournalProcess isolated(String mount) {
    List<String> before = new ArrayList<>(List.of("unshare"));
    before.add(System.getProperty("user.name").equals("root") ? "-m" : "-rm");
    assumeTrue(succeeds(before, mount), "no file system can be mounted here");
    before.addAll(List.of("sh", "-c", mount + " && exec \"$@\"", "sh"));
    return JournalProcess.start(before, folder.toString(), LeaseContract.LONG);
  }

  private static boolean succeeds(List<String> before, String script) {
    List<String> command = new ArrayList<>(before);
    command.addAll(List.of("sh", "-c", script));
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void onAFullDiskNothingIsHalfWrittenAndItGoesOnWhenThereIsSpace() {
    try (JournalProcess process = onSmallDisk()) {
      assertThat(process.ask("open a")).isEqualTo("found INTERRUPTED 0");
      assertThat(process.ask("step a one 1000")).isEqualTo("ok");
      assertThat(process.ask("fill " + folder.resolve("ballast"))).isEqualTo("ok");

      String full = process.ask("step a two 100000");
      assertThat(full)
          .startsWith("FULL no space is left for the journal " + file())
          .contains("free some space");
      assertThat(process.ask("step a three 100000")).startsWith("FULL ");
      assertThat(process.ask("list")).isEqualTo("a=RUNNING:1");

      assertThat(process.ask("free " + folder.resolve("ballast"))).isEqualTo("true");
      assertThat(process.ask("step a two 100000")).isEqualTo("ok");
      assertThat(process.ask("step a four 1000")).isEqualTo("ok");
      assertThat(process.ask("open b")).isEqualTo("found INTERRUPTED 0");
      assertThat(process.ask("finish a")).isEqualTo("ok");
      assertThat(process.ask("list")).isEqualTo("a=FINISHED:3 b=RUNNING:0");
    }
  }

  @Test
  void aLargeResultThatDoesNotFitIsRefused() {
    try (JournalProcess process = onSmallDisk()) {
      assertThat(process.ask("open a")).isEqualTo("found INTERRUPTED 0");
      assertThat(process.ask("step a one 2000000")).startsWith("FULL ");
      assertThat(process.ask("step a two 1000")).isEqualTo("ok");
      assertThat(process.ask("list")).isEqualTo("a=RUNNING:1");
      assertThat(process.ask("run ls " + folder.resolve("results"))).isEqualTo("ok");
    }
  }

  @Test
  void whatMayNotBeWrittenToIsSaidToBeSo() {
    journal().open(opening("a")).release().join();
    String mount =
        "mount --bind '%1$s' '%1$s' && mount -o remount,bind,ro '%1$s'".formatted(folder);
    try (JournalProcess process = isolated(mount)) {
      assertThat(process.ask("open b"))
          .startsWith("READ_ONLY the journal " + file() + " may not be written to");
    }
  }

  @Test
  void aFileInTheFoldersPlaceIsToldOf() throws IOException {
    folder = Files.writeString(folder.resolve("file"), "");
    assertThat(refusal().kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(refusal()).hasMessageContaining(file().toString());
  }

  @Test
  void whatIsNoDatabaseIsLeftAsItIs() throws IOException {
    for (String content : List.of("", "hello", "x".repeat(10_000))) {
      Files.writeString(file(), content);
      JournalException refusal = refusal();
      assertThat(refusal.kind()).isEqualTo(Kind.DAMAGED);
      assertThat(refusal)
          .hasMessageContaining(file().toString())
          .hasMessageContaining("sqlite3 " + file() + " .recover");
      assertThat(file()).hasContent(content);
    }
  }

  @Test
  void aDatabaseOfAnotherKindIsNotTouched() throws IOException, SQLException {
    sql("CREATE TABLE mine (x)");
    assertThat(refusal().kind()).isEqualTo(Kind.DAMAGED);
    assertThat(refusal()).hasMessageContaining("its tables are not those of a journal");
  }

  @Test
  void aLinkIsNotFollowed(@TempDir Path elsewhere) throws IOException {
    Path other = Files.writeString(elsewhere.resolve("precious.db"), "x");
    Files.createSymbolicLink(file(), other);
    assertThat(refusal().kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(other).hasContent("x");
  }

  @Test
  void aNewerJournalIsLeftAlone() throws SQLException {
    journal().open(opening("a")).release().join();
    sql("UPDATE capsule_meta SET value = '99' WHERE name = 'schema'");
    JournalException refusal = refusal();
    assertThat(refusal.kind()).isEqualTo(Kind.NEWER);
    assertThat(refusal).hasMessageContaining("99").hasMessageContaining("update Capsule");
  }

  private void sql(String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement()) {
      for (String one : statements) {
        statement.execute(one);
      }
    }
  }

  @Test
  void nobodyElseCanReadIt() throws IOException {
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
    folder = folder.resolve(".capsule");
    OpenWorkflow workflow = journal().open(opening("a"));
    workflow.begin(JournalContract.step("one"));
    workflow.end("one", large(1), null).join();

    assertThat(mode(folder)).isEqualTo("rwx------");
    assertThat(folder.resolve(".gitignore")).hasContent("*");
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.filter(file -> !file.endsWith(".gitignore")))
          .hasSizeGreaterThanOrEqualTo(5)
          .allMatch(file -> mode(file).matches("rw[x-]------"));
    }
  }

  private static String mode(Path file) {
    try {
      return PosixFilePermissions.toString(
          Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Outcome large(int seed) {
    return JournalContract.result("\"" + seed + "x".repeat(2_000_000) + "\"");
  }

  @Test
  void aResultThatCannotBeWrittenHarmsNoOther() throws IOException {
    Path results = Files.writeString(folder.resolve("results"), "no folder");
    Journal journal = journal();
    OpenWorkflow workflow = journal.open(opening("a"));
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      workflow.begin(JournalContract.step("k" + i));
      Outcome outcome = i == 31 ? large(1) : JournalContract.result("" + i);
      ends.add(workflow.end("k" + i, outcome, null));
    }

    for (int i = 0; i < 64; i++) {
      if (i == 31) {
        assertThat(JournalContract.failure(ends.get(i)).kind()).isEqualTo(Kind.UNAVAILABLE);
      } else {
        ends.get(i).join();
      }
    }
    assertThat(JournalContract.details(journal, "a").summary().stepsFinished()).isEqualTo(63);
    Files.delete(results);
    workflow.end("k31", large(1), null).join();
    workflow.release().join();
    assertThat(large(1).equals(journal.open(opening("a")).steps().get(31).outcome())).isTrue();
  }

  @Test
  void aLargeResultIsAFileThatLivesAsLongAsItIsNamed() throws IOException {
    Journal journal = journal();
    for (String id : List.of("a", "b")) {
      OpenWorkflow workflow = journal.open(opening(id));
      workflow.begin(JournalContract.step("one"));
      workflow.end("one", large(1), null).join();
      workflow.begin(JournalContract.step("two"));
      workflow.end("two", large(id.equals("a") ? 2 : 3), null).join();
      workflow.release().join();
    }
    Path left = Files.writeString(folder.resolve("results/abandoned"), "by a process that died");

    assertThat(results()).hasSize(4);
    assertThat(journal.remove("a", null, List.of())).containsExactly("a");
    assertThat(results()).hasSize(2).doesNotContain(left);
    assertThat(journal.open(opening("b")).steps())
        .extracting(step -> large(1).equals(step.outcome()) || large(3).equals(step.outcome()))
        .containsExactly(true, true);
  }

  private List<Path> results() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("results"))) {
      return files.toList();
    }
  }

  @Test
  void aResultsFileThatIsNotWhatWasWrittenIsNoResult() throws IOException {
    OpenWorkflow workflow = journal().open(opening("a"));
    workflow.begin(JournalContract.step("one"));
    workflow.end("one", large(1), null).join();
    workflow.release().join();
    Path result = results().getFirst();
    byte[] bytes = Files.readAllBytes(result);
    bytes[bytes.length / 2]++;

    Files.write(result, bytes);
    assertThat(refusal().kind()).isEqualTo(Kind.DAMAGED);
    assertThat(refusal()).hasMessageContaining(result.getFileName().toString());
    Files.delete(result);
    assertThat(refusal()).hasMessageContaining("is missing").hasMessageContaining("capsule rm");
    assertThat(journal().remove("a", null, List.of())).containsExactly("a");
    assertThat(journal().open(opening("a")).isNew()).isTrue();
  }
}
