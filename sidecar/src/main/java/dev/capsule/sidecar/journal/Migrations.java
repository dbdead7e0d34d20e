package dev.capsule.sidecar.journal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tables' versions: each script makes of the version before it the next. Scripts never change.
 */
final class Migrations {
  static final Migrations ALL = new Migrations(List.of("1.sql"));

  private static final Pattern END = Pattern.compile(";\\s*\\n");

  private final List<String> scripts;

  /** Resources beside this class. */
  Migrations(List<String> scripts) {
    this.scripts = List.copyOf(scripts);
  }

  /** Which version the tables have, of a journal that has them. */
  static int version(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT value FROM capsule_meta WHERE name = 'schema'")) {
      return rows.next() ? Integer.parseInt(rows.getString(1)) : 0;
    }
  }

  /** Whether the tables are of an older version than this Capsule's. */
  boolean isNeeded(Connection connection, String place) throws SQLException {
    int version = version(connection);
    if (version > scripts.size()) {
      throw new JournalException(
          JournalException.Kind.NEWER,
          "the journal "
              + place
              + " was written by a newer Capsule (its version is "
              + version
              + ", the newest known here "
              + scripts.size()
              + "): update Capsule to use it");
    }
    return version < scripts.size();
  }

  /** Brings the tables up to date, or makes them, in a transaction of the caller's. */
  void run(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE IF NOT EXISTS capsule_meta (name TEXT NOT NULL PRIMARY KEY, value TEXT)");
      for (int version = version(connection); version < scripts.size(); version++) {
        for (String part : END.split(script(scripts.get(version)), -1)) {
          if (!part.isBlank()) {
            statement.execute(part);
          }
        }
      }
      statement.execute(
          "INSERT INTO capsule_meta (name, value) VALUES ('schema', '"
              + scripts.size()
              + "') ON CONFLICT (name) DO UPDATE SET value = excluded.value");
    }
  }

  private static String script(String name) {
    try (@Nullable InputStream file = Migrations.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException("no resource " + name);
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
