package dev.capsule.sidecar.journal;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Tables on a PostgreSQL server, which any number of machines share. */
final class PostgresDialect implements Dialect {
  /** Seconds, after which a server that says nothing is gone. */
  private static final String CONNECT_TIMEOUT = "10";

  private static final String ANSWER_TIMEOUT = "30";

  /** Taken by whoever brings the tables up to date; the number means nothing. */
  private static final long MIGRATION_LOCK = 0x636170_73756c65L;

  /** Gives a transaction a number, by which one can ask what became of it. */
  private static final String NUMBER = "SELECT pg_current_xact_id()";

  private static final int LOOKS = 50;

  private final PostgresAddress address;
  private final boolean firm;
  private final Migrations migrations;

  /** Of the last transaction to write. */
  private String number = "";

  PostgresDialect(PostgresAddress address, Durability durability, Migrations migrations) {
    this.address = address;
    this.firm = durability == Durability.FULL;
    this.migrations = migrations;
  }

  @Override
  public String place() {
    return address.place();
  }

  @Override
  public boolean isThere() {
    return true;
  }

  @Override
  public Connection connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("connectTimeout", CONNECT_TIMEOUT);
    properties.setProperty("socketTimeout", ANSWER_TIMEOUT);
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("ApplicationName", "capsule");
    // batches of rows go as one statement
    properties.setProperty("reWriteBatchedInserts", "true");
    address.properties().forEach((name, value) -> properties.put(name, value));
    Connection connection = DriverManager.getConnection(address.url(), properties);
    boolean fit = false;
    try {
      prepare(connection);
      fit = true;
      return connection;
    } finally {
      if (!fit) {
        connection.close();
      }
    }
  }

  private void prepare(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (!hasTables(statement) || migrations.isNeeded(connection, place())) {
        statement.execute("BEGIN");
        statement.execute("SELECT pg_advisory_xact_lock(" + MIGRATION_LOCK + ")");
        migrations.run(connection);
        statement.execute("COMMIT");
      }
      if (!firm) {
        statement.execute("SET synchronous_commit = off");
      } else {
        // the server's own setting, which may ask for more, unless it asks for less
        statement.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
                + " WHERE current_setting('synchronous_commit') = 'off'");
      }
    }
  }

  private static boolean hasTables(Statement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery("SELECT to_regclass('capsule_meta')")) {
      return rows.next() && rows.getString(1) != null;
    }
  }

  @Override
  public void begin(Connection connection, Transaction kind) throws SQLException {
    String begin =
        switch (kind) {
          case READ -> "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
          case WRITE_FIRMLY -> "BEGIN ISOLATION LEVEL READ COMMITTED; " + NUMBER;
          case WRITE ->
              "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = off; " + NUMBER;
        };
    try (Statement statement = connection.createStatement()) {
      boolean rows = statement.execute(begin);
      while (!rows && statement.getUpdateCount() >= 0) {
        rows = statement.getMoreResults();
      }
      if (rows) {
        try (ResultSet numbers = statement.getResultSet()) {
          number = numbers.next() ? numbers.getString(1) : "";
        }
      }
    }
  }

  @Override
  public boolean isCommitted(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String status = status(statement);
      for (int look = 0; look < LOOKS && "in progress".equals(status); look++) {
        // the server has not noticed yet
        statement.execute("SELECT pg_sleep(0.1)");
        status = status(statement);
      }
      return "committed".equals(status);
    }
  }

  private @Nullable String status(Statement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery("SELECT pg_xact_status('" + number + "'::xid8)")) {
      return rows.next() ? rows.getString(1) : null;
    }
  }

  @Override
  public String forUpdate() {
    return " FOR UPDATE";
  }

  @Override
  public long now(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")) {
      rows.next();
      return rows.getLong(1);
    }
  }

  @Override
  public boolean isOfOneMachine() {
    return false;
  }

  @Override
  public JournalException explain(SQLException problem) {
    String state = String.valueOf(problem.getSQLState());
    String message = String.valueOf(problem.getMessage()).replaceAll("\\s+", " ");
    return switch (state) {
      case "53100" -> Faults.full(place());
      case "25006" -> Faults.readOnly(place(), "the server is read-only");
      case "42501" -> Faults.readOnly(place(), message);
      case "XX001", "XX002" -> Faults.damaged(place(), message);
      case "42P01", "42703" ->
          Faults.damaged(place(), "its tables are not those of a journal: " + message);
      default -> Faults.unavailable(place(), message);
    };
  }

  /** The server was restarted, say, or two were in each other's way. */
  @Override
  public boolean isPassing(SQLException problem) {
    String state = String.valueOf(problem.getSQLState());
    return state.startsWith("08") || state.startsWith("57P") || state.startsWith("40");
  }

  @Override
  public @Nullable ResultFiles files() {
    return null;
  }
}
