package dev.capsule.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
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
}
