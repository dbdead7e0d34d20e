package dev.capsule.sidecar.journal;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.jdbc4.JDBC4Connection;

/** SQLite in WAL mode: a file that any number of this machine's processes share. */
final class SqliteDialect implements Dialect {
  private static final String FILE = "journal.db";

  /** The folder is the user's own business: nothing of it belongs into a repository. */
  private static final String IGNORED = ".gitignore";

  /** How long another process's transaction is waited for, in milliseconds. */
  private static final int PATIENCE = 10_000;

  /** Tables that are read by an index: a row that it did not find would be taken for none. */
  private static final List<String> SOUGHT = List.of("capsule_workflows", "capsule_owners");

  private final Path folder;
  private final Path file;
  private final boolean firm;
  private final Migrations migrations;
  private final ResultFiles files;
  private boolean checked;
  private boolean synced;

  SqliteDialect(Path folder, Durability durability, Migrations migrations) {
    this.folder = folder;
    this.file = folder.resolve(FILE);
    this.firm = durability == Durability.FULL;
    this.migrations = migrations;
    this.files = new ResultFiles(folder.resolve("results"), firm);
  }

  @Override
  public String place() {
    return file.toString();
  }

  @Override
  public boolean isThere() {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public Connection connect() throws SQLException {
    try {
      if (!isThere()) {
        create();
      }
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw Faults.unavailable(place(), "it is no file");
      }
      if (Files.size(file) == 0) {
        throw Faults.damagedFile(place(), "the file is empty"); // ours never is
      }
    } catch (IOException e) {
      throw Faults.of(e, place());
    }
    Connection connection = open(file);
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
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("PRAGMA synchronous = NORMAL");
      synced = false;
      if (migrations.isNeeded(connection, place())) {
        statement.execute("BEGIN IMMEDIATE");
        migrations.run(connection);
        statement.execute("COMMIT");
      }
      if (!checked) {
        for (String table : SOUGHT) {
          check(statement, table);
        }
        checked = true;
      }
    }
  }

  private void check(Statement statement, String table) throws SQLException {
    try (ResultSet rows = statement.executeQuery("PRAGMA integrity_check('" + table + "')")) {
      if (rows.next() && !rows.getString(1).equals("ok")) {
        throw Faults.damagedFile(place(), rows.getString(1).replaceAll("\\s+", " "));
      }
    }
  }

  /** Makes the file under another name first: whoever sees it sees it whole. */
  private void create() throws IOException, SQLException {
    if (PrivateFiles.makeFolder(folder)) {
      Files.writeString(folder.resolve(IGNORED), "*\n");
    }
    Path fresh = PrivateFiles.makeFile(folder);
    try {
      try (Connection connection = open(fresh);
          Statement statement = connection.createStatement()) {
        statement.execute("PRAGMA synchronous = OFF"); // one flush at the end is enough
        statement.execute("PRAGMA journal_mode = WAL");
        statement.execute("BEGIN IMMEDIATE");
        migrations.run(connection);
        statement.execute("COMMIT");
      }
      if (firm) {
        PrivateFiles.sync(fresh);
      }
      try {
        Files.createLink(file, fresh);
      } catch (FileAlreadyExistsException e) {
        return; // another process was quicker
      } catch (UnsupportedOperationException | java.nio.file.FileSystemException e) {
        move(fresh);
      }
      if (firm) {
        PrivateFiles.sync(folder);
      }
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /** Where a file cannot have two names. */
  private void move(Path fresh) throws IOException {
    try {
      Files.move(fresh, file);
    } catch (FileAlreadyExistsException | AtomicMoveNotSupportedException e) {
      if (!isThere()) {
        throw e;
      }
    }
  }

  private static Connection open(Path file) throws SQLException {
    Native.prepare();
    // as a URI: in a plain name, the driver takes what follows a question mark for itself
    String name = file.toUri().toString();
    Connection connection = new JDBC4Connection("jdbc:sqlite:" + name, name, new Properties());
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = " + PATIENCE);
      statement.execute("PRAGMA foreign_keys = ON");
      statement.execute("PRAGMA trusted_schema = OFF");
      statement.execute("PRAGMA cell_size_check = ON");
      statement.execute("PRAGMA journal_size_limit = " + (16 << 20));
    }
    return connection;
  }

  @Override
  public void begin(Connection connection, Transaction kind) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean sync = firm && kind == Transaction.WRITE_FIRMLY;
      if (sync != synced) {
        // NORMAL keeps the order of writes, so what is lost is always the latest
        statement.execute("PRAGMA synchronous = " + (sync ? "FULL" : "NORMAL"));
        synced = sync;
      }
      statement.execute(kind == Transaction.READ ? "BEGIN" : "BEGIN IMMEDIATE");
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
    SQLiteErrorCode code =
        problem instanceof SQLiteException known
            ? known.getResultCode()
            : SQLiteErrorCode.SQLITE_ERROR;
    String message = String.valueOf(problem.getMessage());
    return switch (SQLiteErrorCode.getErrorCode(code.code & 0xff)) {
      case SQLITE_FULL -> Faults.full(place());
      case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH -> Faults.readOnly(place(), null);
      case SQLITE_CORRUPT -> Faults.damagedFile(place(), "it does not make sense");
      case SQLITE_NOTADB -> Faults.damagedFile(place(), "it is no database");
      // what is asked never changes, and fits the tables that we make
      case SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_FORMAT ->
          Faults.damagedFile(place(), "its tables are not those of a journal (" + message + ")");
      case SQLITE_BUSY, SQLITE_LOCKED ->
          Faults.unavailable(
              place(),
              "another program has kept it locked for more than " + PATIENCE / 1000 + " seconds");
      case SQLITE_CANTOPEN, SQLITE_IOERR -> ofDisk(code);
      default -> Faults.unavailable(place(), message);
    };
  }

  private JournalException ofDisk(SQLiteErrorCode code) {
    try {
      if (Files.getFileStore(folder).getUsableSpace() < 1 << 16) {
        return Faults.full(place());
      }
      if (!Files.isWritable(folder) || (isThere() && !Files.isWritable(file))) {
        return Faults.readOnly(place(), null);
      }
    } catch (IOException e) {
      return Faults.of(e, place());
    }
    return Faults.unavailable(place(), code.message);
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
    return files;
  }
}
