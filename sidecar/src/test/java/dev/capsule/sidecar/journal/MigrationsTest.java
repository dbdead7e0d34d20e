package dev.capsule.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrationsTest {
  private static final Migrations OLD = new Migrations(List.of("test-1.sql"));
  private static final Migrations NEW = new Migrations(List.of("test-1.sql", "test-2.sql"));

  @TempDir Path folder;

  private Connection connect(Migrations migrations) throws SQLException {
    return new SqliteDialect(folder, Durability.FULL, migrations).connect();
  }

  @Test
  void anOlderJournalIsBroughtUpToDateOnce() throws SQLException {
    try (Connection connection = connect(OLD)) {
      assertThat(Migrations.version(connection)).isEqualTo(1);
      connection.createStatement().execute("INSERT INTO capsule_workflows VALUES ('kept')");
    }
    for (int i = 0; i < 2; i++) {
      try (Connection connection = connect(NEW)) {
        assertThat(Migrations.version(connection)).isEqualTo(2);
        var rows =
            connection.createStatement().executeQuery("SELECT id, added FROM capsule_workflows");
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString("id")).isEqualTo("kept");
        assertThat(rows.getString("added")).isEqualTo("; no end");
        assertThat(rows.next()).isFalse();
      }
    }
  }

  @Test
  void aNewJournalIsMadeByAllScripts() throws SQLException {
    try (Connection connection = connect(NEW)) {
      assertThat(Migrations.version(connection)).isEqualTo(2);
    }
  }

  @Test
  void anOlderCapsuleLeavesANewerJournalAlone() throws SQLException {
    connect(NEW).close();
    JournalException newer = JournalContract.failure(() -> connect(OLD).close());
    assertThat(newer.kind()).isEqualTo(JournalException.Kind.NEWER);
  }
}
