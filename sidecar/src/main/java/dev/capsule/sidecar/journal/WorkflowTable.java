package dev.capsule.sidecar.journal;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The table of workflows, and of those that are to be cancelled. Used in transactions. */
final class WorkflowTable {
  private static final String INSERT =
      """
      INSERT INTO capsule_workflows (id, state, program, folder, command, input, input_file, runs,
        owner, created, opened, updated, ended, outcome, outcome_file, finished, failed, started,
        digest, checksum)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO NOTHING\
      """;
  private static final String REPLACE =
      """
      UPDATE capsule_workflows SET id = ?, state = ?, program = ?, folder = ?, command = ?,
        input = ?, input_file = ?, runs = ?, owner = ?, created = ?, opened = ?, updated = ?,
        ended = ?, outcome = ?, outcome_file = ?, finished = ?, failed = ?, started = ?,
        digest = ?, checksum = ?
      WHERE id = ?\
      """;

  /** Only what changes while a process has a workflow, and only if it has it still. */
  private static final String UPDATE =
      """
      UPDATE capsule_workflows SET state = ?, owner = ?, updated = ?, ended = ?, outcome = ?,
        outcome_file = ?, finished = ?, failed = ?, started = ?, digest = ?, checksum = ?
      WHERE id = ? AND owner = ? AND runs = ?\
      """;

  private final Database database;

  WorkflowTable(Database database) {
    this.database = database;
  }

  /** The workflow's row; null: there is none. */
  @Nullable WorkflowRow find(String id) throws SQLException {
    return find(id, "");
  }

  /** The same, which stays as it is until the transaction ends. */
  @Nullable WorkflowRow hold(String id) throws SQLException {
    return find(id, database.dialect().forUpdate());
  }

  private @Nullable WorkflowRow find(String id, String how) throws SQLException {
    String sql = "SELECT * FROM capsule_workflows WHERE id = ?" + how;
    try (ResultSet rows = Database.set(database.statement(sql), id).executeQuery()) {
      return rows.next() ? read(rows) : null;
    }
  }

  /** What is done with a row. */
  interface Reader {
    /** Returns whether more are wanted. */
    boolean read(WorkflowRow row) throws SQLException;
  }

  /** Reads all, those changed last first, as long as more are wanted. */
  void read(Reader reader) throws SQLException {
    String sql = "SELECT * FROM capsule_workflows ORDER BY updated DESC, id";
    try (ResultSet rows = database.statement(sql).executeQuery()) {
      boolean more = true;
      while (more && rows.next()) {
        more = reader.read(read(rows));
      }
    }
  }

  /** Of a row only what is needed to remove it, even from a damaged one. */
  record Remains(String id, String state, @Nullable String owner, long updated) {}

  List<Remains> remains() throws SQLException {
    String sql = "SELECT id, state, owner, updated FROM capsule_workflows ORDER BY updated, id";
    List<Remains> all = new ArrayList<>();
    try (ResultSet rows = database.statement(sql).executeQuery()) {
      while (rows.next()) {
        all.add(
            new Remains(
                rows.getString("id"),
                String.valueOf(rows.getString("state")),
                rows.getString("owner"),
                rows.getLong("updated")));
      }
    }
    return all;
  }

  /** Which workflows a process has. */
  Set<String> ownedBy(String owner) throws SQLException {
    String sql = "SELECT id FROM capsule_workflows WHERE owner = ?";
    return ids(Database.set(database.statement(sql), owner));
  }

  /** Whether no other is of that id. */
  boolean insert(WorkflowRow row) throws SQLException {
    return Database.set(database.statement(INSERT), all(row)).executeUpdate() == 1;
  }

  void replace(WorkflowRow row) throws SQLException {
    @Nullable Object[] values = all(row);
    PreparedStatement statement = Database.set(database.statement(REPLACE), values);
    statement.setString(values.length + 1, row.id());
    int _ = statement.executeUpdate();
  }

  /**
   * Writes what has changed of a workflow that a process has.
   *
   * @return whether it has it still
   */
  boolean update(WorkflowRow row, String owner) throws SQLException {
    Payload outcome = row.outcome();
    Tally tally = row.tally();
    return Database.set(
                database.statement(UPDATE),
                row.state(),
                row.owner(),
                row.updated(),
                row.ended(),
                outcome == null ? null : outcome.inRow(),
                outcome == null ? null : outcome.file(),
                tally.finished(),
                tally.failed(),
                tally.started(),
                tally.digest(),
                row.sum(),
                row.id(),
                owner,
                row.runs())
            .executeUpdate()
        == 1;
  }

  /**
   * Removes a workflow with its steps.
   *
   * @return whether it was there, and was still the same process's or nobody's
   */
  boolean delete(Remains row) throws SQLException {
    String owner = row.owner();
    String sql = "DELETE FROM capsule_workflows WHERE id = ? AND COALESCE(owner, '') = ?";
    return Database.set(database.statement(sql), row.id(), owner == null ? "" : owner)
            .executeUpdate()
        == 1;
  }

  Set<String> cancellations() throws SQLException {
    return ids(database.statement("SELECT workflow FROM capsule_cancellations"));
  }

  boolean isToBeCancelled(String id) throws SQLException {
    String sql = "SELECT workflow FROM capsule_cancellations WHERE workflow = ?";
    return !ids(Database.set(database.statement(sql), id)).isEmpty();
  }

  void askToCancel(String id, long at) throws SQLException {
    String sql =
        "INSERT INTO capsule_cancellations (workflow, asked) VALUES (?, ?)"
            + " ON CONFLICT (workflow) DO NOTHING";
    int _ = Database.set(database.statement(sql), id, at).executeUpdate();
  }

  void forgetToCancel(String id) throws SQLException {
    String sql = "DELETE FROM capsule_cancellations WHERE workflow = ?";
    int _ = Database.set(database.statement(sql), id).executeUpdate();
  }

  private static Set<String> ids(PreparedStatement statement) throws SQLException {
    Set<String> ids = new HashSet<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        ids.add(rows.getString(1));
      }
    }
    return ids;
  }

  private static @Nullable Object[] all(WorkflowRow row) {
    Payload input = row.input();
    Payload outcome = row.outcome();
    return new @Nullable Object[] {
      row.id(),
      row.state(),
      row.program(),
      row.folder(),
      row.command(),
      input == null ? null : input.inRow(),
      input == null ? null : input.file(),
      row.runs(),
      row.owner(),
      row.created(),
      row.opened(),
      row.updated(),
      row.ended(),
      outcome == null ? null : outcome.inRow(),
      outcome == null ? null : outcome.file(),
      row.tally().finished(),
      row.tally().failed(),
      row.tally().started(),
      row.tally().digest(),
      row.sum()
    };
  }

  private WorkflowRow read(ResultSet rows) throws SQLException {
    String id = String.valueOf(rows.getString("id"));
    try {
      WorkflowRow row =
          new WorkflowRow(
              id,
              WorkflowState.valueOf(rows.getString("state")),
              rows.getString("program"),
              rows.getString("folder"),
              rows.getString("command"),
              Payload.read(rows, "input"),
              rows.getLong("runs"),
              rows.getString("owner"),
              rows.getLong("created"),
              rows.getLong("opened"),
              rows.getLong("updated"),
              Database.number(rows, "ended"),
              Payload.read(rows, "outcome"),
              new Tally(
                  rows.getLong("finished"),
                  rows.getLong("failed"),
                  rows.getLong("started"),
                  rows.getLong("digest")));
      if (row.sum() == rows.getLong("checksum")) {
        return row;
      }
    } catch (IllegalArgumentException | NullPointerException e) {
      // no state is called so: just as damaged
    }
    throw damaged(database.dialect(), id);
  }

  static JournalException damaged(Dialect dialect, String id) {
    return Faults.damaged(
        dialect.place(),
        "what it holds of the workflow \""
            + id
            + "\" is not what was written; put the journal back from a copy, or remove the workflow"
            + " with `capsule rm` and run it anew");
  }
}
