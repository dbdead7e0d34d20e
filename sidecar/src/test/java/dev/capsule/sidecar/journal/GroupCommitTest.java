package dev.capsule.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many commits what is written takes. */
class GroupCommitTest {
  @TempDir Path folder;

  /** Counts transactions. */
  private record Counting(Dialect real, Map<Transaction, AtomicInteger> counts) implements Dialect {
    @Override
    public void begin(Connection connection, Transaction kind) throws SQLException {
      counts.computeIfAbsent(kind, any -> new AtomicInteger()).incrementAndGet();
      real.begin(connection, kind);
    }

    int count(Transaction kind) {
      AtomicInteger count = counts.get(kind);
      return count == null ? 0 : count.get();
    }

    @Override
    public String place() {
      return real.place();
    }

    @Override
    public boolean isThere() {
      return real.isThere();
    }

    @Override
    public Connection connect() throws SQLException {
      return real.connect();
    }

    @Override
    public String forUpdate() {
      return real.forUpdate();
    }

    @Override
    public long now(Connection connection) throws SQLException {
      return real.now(connection);
    }

    @Override
    public boolean isOfOneMachine() {
      return real.isOfOneMachine();
    }

    @Override
    public JournalException explain(SQLException problem) {
      return real.explain(problem);
    }

    @Override
    public boolean isPassing(SQLException problem) {
      return real.isPassing(problem);
    }

    @Override
    public boolean isCommitted(Connection connection) throws SQLException {
      return real.isCommitted(connection);
    }

    @Override
    public @Nullable ResultFiles files() {
      return real.files();
    }
  }

  private Counting dialect() {
    return new Counting(
        new SqliteDialect(folder, Durability.FULL, Migrations.ALL), new ConcurrentHashMap<>());
  }

  @Test
  void manyWritersShareCommits() throws Exception {
    Counting dialect = dialect();
    try (Journal journal = new SqlJournal(dialect, Timing.USUAL, message -> {});
        ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      OpenWorkflow workflow = journal.open(JournalContract.opening("a"));
      int before = dialect.count(Dialect.Transaction.WRITE_FIRMLY);
      List<Future<?>> all = new ArrayList<>();
      for (int w = 0; w < 64; w++) {
        int writer = w;
        all.add(
            writers.submit(() -> {
              for (int i = 0; i < 20; i++) {
                String key = writer + "," + i;
                workflow.begin(JournalContract.step(key));
                workflow.end(key, JournalContract.result("1"), null).join();
              }
            }));
      }
      for (Future<?> one : all) {
        one.get();
      }

      // 20 rounds of 64: were each round one commit, there would be 20
      assertThat(dialect.count(Dialect.Transaction.WRITE_FIRMLY) - before).isBetween(20, 320);
      assertThat(JournalContract.details(journal, "a").summary().stepsFinished()).isEqualTo(1280);
    }
  }

  @Test
  void aStepThatBeginsWaitsForNoDisk() {
    Counting dialect = dialect();
    try (Journal journal = new SqlJournal(dialect, Timing.USUAL, message -> {})) {
      OpenWorkflow workflow = journal.open(JournalContract.opening("a"));
      int before = dialect.count(Dialect.Transaction.WRITE_FIRMLY);
      workflow.begin(JournalContract.step("one"));
      assertThat(JournalContract.details(journal, "a").summary().stepsStarted()).isEqualTo(1);
      assertThat(dialect.count(Dialect.Transaction.WRITE_FIRMLY)).isEqualTo(before);

      CompletableFuture<Void> end = workflow.end("one", JournalContract.result("1"), null);
      end.join();
      assertThat(dialect.count(Dialect.Transaction.WRITE_FIRMLY)).isEqualTo(before + 1);
    }
  }
}
