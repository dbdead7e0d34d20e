package dev.capsule.sidecar.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.sqlite.jdbc4.JDBC4Connection;

/** SQLite in memory: it is there for as long as its one connection. */
final class MemoryDialect implements Dialect {
  @Override
  public String place() {
    return "in memory";
  }

  @Override
  public boolean isThere() {
    return true;
  }

  @Override
  public Connection connect() throws SQLException {
    Native.prepare();
    Connection connection =
        new JDBC4Connection("jdbc:sqlite::memory:", ":memory:", new Properties());
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA foreign_keys = ON");
    }
    Migrations.ALL.run(connection);
    return connection;
  }

  @Override
  public void begin(Connection connection, Transaction kind) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("BEGIN");
    }
  }

  @Override
  public String forUpdate() {
    return "";
  }

  @Override
  public long now(Connection connection) {
    return System.currentTimeMillis();
  }

  @Override
  public boolean isOfOneMachine() {
    return true;
  }

  @Override
  public JournalException explain(SQLException problem) {
    return Faults.unavailable(place(), String.valueOf(problem.getMessage()));
  }

  @Override
  public boolean isPassing(SQLException problem) {
    return false;
  }

  @Override
  public boolean isCommitted(Connection connection) {
    return false; // there is no connection that breaks
  }

  @Override
  public @Nullable ResultFiles files() {
    return null;
  }
}
