package dev.capsule.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteLeaseTest extends LeaseContract {
  @TempDir Path folder;

  @Override
  String place() {
    return folder.toString();
  }

  @Override
  Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
  }

  @Test
  void aProcessOfAnEarlierBootIsGone() throws SQLException {
    JournalProcess process = process(LONG);
    assertThat(process.ask("open a")).isEqualTo("found INTERRUPTED 0");

    sql("UPDATE capsule_owners SET boot = 'b', pids = 'p', clock = 'c'");

    assertThat(JournalContract.state(journal(), "a")).isEqualTo(WorkflowState.INTERRUPTED);
  }

  @Test
  void whatWasToldSurvivesAKillHoweverItIsWritten() {
    JournalProcess process =
        JournalProcess.start(List.of("env", "DURABILITY=RELAXED"), place(), LONG);
    assertThat(process.ask("open a")).isEqualTo("found INTERRUPTED 0");
    for (int i = 0; i < 20; i++) {
      assertThat(process.ask("step a k" + i + " 1000")).isEqualTo("ok");
    }
    assertThat(process.ask("step a large 2000000")).isEqualTo("ok");

    process.signal("KILL");

    assertThat(journal().open(JournalContract.opening("a")).steps())
        .hasSize(21)
        .allMatch(step -> step.state() == StepState.FINISHED);
  }
}
