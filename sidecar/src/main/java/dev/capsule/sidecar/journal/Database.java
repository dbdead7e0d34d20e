package dev.capsule.sidecar.journal;

import dev.capsule.sidecar.journal.Dialect.Transaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Transactions on one connection, which is made when it is needed and made again after a failure.
 * Confined to the journal's thread.
 */
final class Database {
  private final Dialect dialect;
  private @Nullable Connection connection;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  Database(Dialect dialect) {
    this.dialect = dialect;
  }

  /** What is done in a transaction. May be done twice. */
  interface Work<T extends @Nullable Object> {
    T run() throws SQLException;
  }

  Dialect dialect() {
    return dialect;
  }

  /** Does all of it, or nothing. */
  <T extends @Nullable Object> T transact(Transaction kind, Work<T> work) {
    try {
      return once(kind, work);
    } catch (SQLException e) {
      if (!dialect.isPassing(e)) {
        throw dialect.explain(e);
      }
    }
    try {
      return once(kind, work);
    } catch (SQLException e) {
      throw dialect.explain(e);
    }
  }

  private <T extends @Nullable Object> T once(Transaction kind, Work<T> work) throws SQLException {
    boolean done = false;
    try {
      dialect.begin(connection(), kind);
      T result = work.run();
      commit();
      done = true;
      return result;
    } finally {
      if (!done) {
        rollBack();
      }
    }
  }

  private void commit() throws SQLException {
    try {
      execute("COMMIT");
    } catch (SQLException e) {
      if (!dialect.isPassing(e)) {
        throw e;
      }
      close(); // no answer came: it may be committed, and must not be done twice
      boolean committed;
      try {
        committed = dialect.isCommitted(connection());
      } catch (SQLException again) {
        throw dialect.explain(again);
      }
      if (!committed) {
        throw e;
      }
    }
  }

  /** A statement that is kept for the next time. */
  PreparedStatement statement(String sql) throws SQLException {
    PreparedStatement known = statements.get(sql);
    if (known == null) {
      known = connection().prepareStatement(sql);
      statements.put(sql, known);
    }
    return known;
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection().createStatement()) {
      statement.execute(sql);
    }
  }

  long now() throws SQLException {
    return dialect.now(connection());
  }

  void close() {
    statements.clear();
    Connection old = connection;
    connection = null;
    if (old != null) {
      try {
        old.close();
      } catch (SQLException e) {
        // nothing is left to be lost: whatever was committed is
      }
    }
  }

  private Connection connection() throws SQLException {
    Connection open = connection;
    if (open == null) {
      open = dialect.connect();
      connection = open;
    }
    return open;
  }

  private void rollBack() {
    if (connection == null) {
      return;
    }
    try {
      for (PreparedStatement statement : statements.values()) {
        statement.close(); // one that failed halfway may not work again
      }
      statements.clear();
      execute("ROLLBACK");
    } catch (SQLException e) {
      close(); // which rolls back, too
    }
  }

  /** Sets the parameters of a statement, from the first. */
  static PreparedStatement set(PreparedStatement statement, @Nullable Object... values)
      throws SQLException {
    for (int i = 0; i < values.length; i++) {
      switch (values[i]) {
        case null -> statement.setObject(i + 1, null);
        case String text -> statement.setString(i + 1, text);
        case Long number -> statement.setLong(i + 1, number);
        case Enum<?> constant -> statement.setString(i + 1, constant.name());
        default -> throw new IllegalArgumentException(values[i].getClass().getName());
      }
    }
    return statement;
  }

  static @Nullable Long number(ResultSet rows, String column) throws SQLException {
    long value = rows.getLong(column);
    return rows.wasNull() ? null : value;
  }
}
