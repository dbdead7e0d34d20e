package dev.capsule.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damages a journal's files by chance. Whatever is then read is what was written, or was before the
 * last writes of a WAL, or is refused. {@code -Djournal.damages=5000} tries more, {@code
 * -Djournal.seed=…} the same again.
 */
class SqliteDamageTest {
  private static final int DAMAGES = Integer.getInteger("journal.damages", 150);
  private static final int WORKFLOWS = 12;

  private final long seed = Long.getLong("journal.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @TempDir Path folder;
  @TempDir Path elsewhere;

  /** A workflow at some time; all of it is compared, and little of it is printed. */
  private record Written(List<StepRecord> steps, WorkflowSummary summary) {
    static Written of(WorkflowDetails details) {
      return new Written(details.steps(), details.summary());
    }

    boolean isFinished() {
      return summary.state() == WorkflowState.FINISHED;
    }

    boolean isLike(Written other) {
      return steps.equals(other.steps)
          && isFinished() == other.isFinished()
          && summary.id().equals(other.summary.id())
          && summary.command().equals(other.summary.command())
          && summary.folder().equals(other.summary.folder())
          && Objects.equals(summary.outcome(), other.summary.outcome());
    }

    @Override
    public String toString() {
      return summary.id() + " " + summary.state() + ", " + steps.size() + " steps";
    }
  }

  /** Each workflow after each write. */
  private final List<List<Written>> history = new ArrayList<>();

  private static Journals journals() {
    return new Journals(Map.of(), message -> {});
  }

  private static Journal at(Journals journals, Path place) {
    return journals.at(new Place.Folder(place, Durability.FULL));
  }

  /** Writes workflows in turns, so that pages of the files hold some of each. */
  private void write(Journal journal) {
    List<OpenWorkflow> open = new ArrayList<>();
    for (int w = 0; w < WORKFLOWS; w++) {
      open.add(journal.open(JournalContract.opening("workflow " + w)));
      history.add(new ArrayList<>());
      note(journal, w);
    }
    for (int s = 0; s < 8; s++) {
      if (s == 3) {
        checkpoint();
      }
      for (int w = 0; w < WORKFLOWS; w++) {
        open.get(w).begin(JournalContract.step("s" + s));
        note(journal, w);
        String text = (w + "," + s + ";").repeat(random.nextInt(400));
        Outcome outcome = new Outcome(random.nextInt(5) > 0, "\"" + text + "\"");
        open.get(w).end("s" + s, outcome, "{\"n\":" + s + "}").join();
        note(journal, w);
      }
    }
    for (int w = 0; w < WORKFLOWS; w++) {
      CompletableFuture<Void> given =
          w % 2 == 0 ? open.get(w).finish(JournalContract.result("" + w)) : open.get(w).release();
      given.join();
      note(journal, w);
    }
  }

  private void note(Journal journal, int w) {
    history.get(w).add(Written.of(JournalContract.details(journal, "workflow " + w)));
  }

  /** The files of a journal at some time; the log may be missing. */
  private static final class Copy {
    final byte[] database;
    final byte[] log;

    Copy(byte[] database, byte[] log) {
      this.database = database;
      this.log = log;
    }
  }

  private Copy copy() throws IOException {
    Path log = folder.resolve("journal.db-wal");
    return new Copy(
        Files.readAllBytes(folder.resolve("journal.db")),
        Files.exists(log) ? Files.readAllBytes(log) : new byte[0]);
  }

  /** Copies what is in the log into the database, where the log stays as it is until more comes. */
  private void checkpoint() {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA wal_checkpoint(PASSIVE)");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void damageIsNeverAWrongAnswer() throws IOException {
    List<Copy> copies = new ArrayList<>();
    try (Journals journals = journals()) {
      write(at(journals, folder));
      copies.add(copy());
      checkpoint();
      copies.add(copy()); // both have all of it
    }
    copies.add(copy());
    assertThat(copies).extracting(copy -> copy.log.length > 0).containsExactly(true, true, false);

    int refused = 0;
    int unharmed = 0;
    for (int i = 0; i < DAMAGES; i++) {
      Copy copy = copies.get(i % copies.size());
      boolean inLog = copy.log.length > 0 && random.nextBoolean();
      Path place = Files.createDirectory(elsewhere.resolve("case" + i));
      Files.write(place.resolve("journal.db"), inLog ? copy.database : damaged(copy.database));
      if (copy.log.length > 0) {
        Files.write(place.resolve("journal.db-wal"), inLog ? damaged(copy.log) : copy.log);
      }
      if (isRead(place, inLog)) {
        unharmed++;
      } else {
        refused++;
      }
    }
    // both happen, or the damage was not of the kind that was meant
    assertThat(refused).as("refused, seed " + seed).isGreaterThan(DAMAGES / 10);
    assertThat(unharmed).as("unharmed, seed " + seed).isGreaterThan(DAMAGES / 20);
  }

  /** Flips a bit or some bytes, overwrites a piece, or cuts the end off. */
  private byte[] damaged(byte[] file) {
    byte[] bytes = file.clone();
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(5)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        for (int i = 0; i < 20; i++) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      case 2 -> {
        int to = Math.min(bytes.length, at + 1 + random.nextInt(5000));
        byte[] noise = new byte[to - at];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, bytes, at, noise.length);
      }
      case 3 -> {
        // a block that was never written, or an old one
        int block = at / 4096 * 4096;
        Arrays.fill(bytes, block, Math.min(bytes.length, block + 4096), (byte) 0);
      }
      default -> bytes = Arrays.copyOf(bytes, at);
    }
    return bytes;
  }

  /** Whether all could be read; fails if anything is that was never written. */
  private boolean isRead(Path place, boolean prefix) {
    boolean all = true;
    try (Journals journals = journals()) {
      Journal journal = at(journals, place);
      for (int w = 0; w < WORKFLOWS; w++) {
        try {
          all &= isAsWritten(journal, w, prefix);
        } catch (JournalException e) {
          all = false;
          assertThat(e.kind())
              .as("seed %s, %s: %s", seed, place.getFileName(), e.getMessage())
              .isEqualTo(JournalException.Kind.DAMAGED);
        }
      }
    }
    return all;
  }

  private boolean isAsWritten(Journal journal, int w, boolean prefix) {
    List<Written> versions = history.get(w);
    String what = "seed " + seed + ", workflow " + w;
    WorkflowDetails details = journal.find("workflow " + w);
    if (details == null) {
      assertThat(prefix).as(what + " is missing").isTrue();
      return false;
    }
    Written found = Written.of(details);
    boolean last = found.isLike(versions.getLast());
    if (prefix) {
      assertThat(versions).as(what + " is " + found).anyMatch(found::isLike);
    } else {
      assertThat(last).as(what + " is " + found).isTrue();
    }
    return last;
  }
}
