package dev.capsule.sidecar.journal;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The table of steps. Used in transactions. */
final class StepTable {
  private static final String PUT =
      """
      INSERT INTO capsule_steps (workflow, number, step_key, parent, kind, name, args, args_hash,
        began, state, outcome, outcome_file, details, ended, checksum)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (workflow, number) DO UPDATE SET
        step_key = excluded.step_key, parent = excluded.parent, kind = excluded.kind,
        name = excluded.name, args = excluded.args, args_hash = excluded.args_hash,
        began = excluded.began, state = excluded.state, outcome = excluded.outcome,
        outcome_file = excluded.outcome_file, details = excluded.details, ended = excluded.ended,
        checksum = excluded.checksum\
      """;
  private static final String UPDATE =
      """
      UPDATE capsule_steps SET state = ?, outcome = ?, outcome_file = ?, details = ?, ended = ?,
        checksum = ?
      WHERE workflow = ? AND number = ?\
      """;

  private final Database database;

  StepTable(Database database) {
    this.database = database;
  }

  /** Writes steps of a workflow, whole ones before those of which only the end is known. */
  void write(String workflow, Collection<StepRow> steps) throws SQLException {
    PreparedStatement put = database.statement(PUT);
    PreparedStatement update = database.statement(UPDATE);
    put.clearBatch(); // of a transaction that failed
    update.clearBatch();
    boolean puts = false;
    boolean updates = false;
    for (StepRow step : steps) {
      StepIntent intent = step.intent();
      Payload outcome = step.outcome();
      String text = outcome == null ? null : outcome.inRow();
      String file = outcome == null ? null : outcome.file();
      if (intent != null) {
        Database.set(
                put,
                workflow,
                step.number(),
                step.key(),
                intent.parent(),
                intent.kind(),
                intent.name(),
                intent.args(),
                intent.argsHash(),
                step.began(),
                step.state(),
                text,
                file,
                step.details(),
                step.ended(),
                step.sum())
            .addBatch();
        puts = true;
      } else {
        Database.set(
                update,
                step.state(),
                text,
                file,
                step.details(),
                step.ended(),
                step.sum(),
                workflow,
                step.number())
            .addBatch();
        updates = true;
      }
    }
    if (puts) {
      int[] _ = put.executeBatch();
    }
    if (updates) {
      int[] _ = update.executeBatch();
    }
  }

  /** All steps of a workflow in their order, which are those that its row speaks of. */
  List<StepRow> read(WorkflowRow workflow) throws SQLException {
    List<StepRow> steps = new ArrayList<>();
    Tally tally = Tally.NONE;
    String sql = "SELECT * FROM capsule_steps WHERE workflow = ? ORDER BY number";
    try (ResultSet rows = Database.set(database.statement(sql), workflow.id()).executeQuery()) {
      while (rows.next()) {
        StepRow step = read(rows, workflow);
        if (step.number() != steps.size() || step.sum() != rows.getLong("checksum")) {
          throw WorkflowTable.damaged(database.dialect(), workflow.id());
        }
        steps.add(step);
        tally = tally.plus(step);
      }
    }
    if (!tally.equals(workflow.tally())) {
      throw WorkflowTable.damaged(database.dialect(), workflow.id());
    }
    return steps;
  }

  void deleteOf(String workflow) throws SQLException {
    String sql = "DELETE FROM capsule_steps WHERE workflow = ?";
    int _ = Database.set(database.statement(sql), workflow).executeUpdate();
  }

  /** All files that rows of either table name. */
  Set<String> files() throws SQLException {
    Set<String> files = new HashSet<>();
    String sql =
        """
        SELECT outcome_file FROM capsule_steps WHERE outcome_file IS NOT NULL
        UNION SELECT outcome_file FROM capsule_workflows WHERE outcome_file IS NOT NULL
        UNION SELECT input_file FROM capsule_workflows WHERE input_file IS NOT NULL\
        """;
    try (ResultSet rows = database.statement(sql).executeQuery()) {
      while (rows.next()) {
        files.add(rows.getString(1));
      }
    }
    return files;
  }

  private StepRow read(ResultSet rows, WorkflowRow workflow) throws SQLException {
    try {
      return StepRow.of(
          new StepIntent(
              rows.getString("step_key"),
              rows.getString("parent"),
              rows.getString("kind"),
              rows.getString("name"),
              rows.getString("args"),
              rows.getString("args_hash")),
          rows.getLong("number"),
          rows.getLong("began"),
          StepState.valueOf(rows.getString("state")),
          Payload.read(rows, "outcome"),
          rows.getString("details"),
          Database.number(rows, "ended"));
    } catch (IllegalArgumentException | NullPointerException e) {
      throw WorkflowTable.damaged(database.dialect(), workflow.id());
    }
  }
}
