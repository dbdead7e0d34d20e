package dev.capsule.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.journal.JournalException.Kind;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that are not what was written, in a file that is otherwise whole. */
class RowSumsTest {
  @TempDir Path folder;

  private final Journals journals = new Journals(Map.of(), message -> {});

  @AfterEach
  void close() {
    journals.close();
  }

  private Journal journal() {
    return journals.at(new Place.Folder(folder, Durability.FULL));
  }

  @BeforeEach
  void write() throws SQLException {
    OpenWorkflow workflow = journal().open(JournalContract.opening("a"));
    for (String key : List.of("one", "two", "three")) {
      workflow.begin(JournalContract.step(key));
      workflow.end(key, new Outcome(false, "\"first\""), "{}").join();
    }
    sql("CREATE TABLE old AS SELECT * FROM capsule_steps");
    for (String key : List.of("one", "two", "three")) {
      workflow.begin(JournalContract.step(key));
      workflow.end(key, new Outcome(false, "\"second\""), "{}").join();
    }
    workflow.finish(new Outcome(true, "[1]")).join();
    OpenWorkflow other = journal().open(JournalContract.opening("b"));
    other.release().join();
  }

  private void sql(String... statements) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
        Statement statement = connection.createStatement()) {
      for (String one : statements) {
        statement.execute(one);
      }
    }
  }

  private void isDamaged() {
    List<JournalException> problems = new ArrayList<>();
    problems.add(JournalContract.failure(() -> journal().find("a")));
    problems.add(JournalContract.failure(() -> journal().open(JournalContract.opening("a"))));
    assertThat(problems)
        .allSatisfy(problem -> {
          assertThat(problem.kind()).isEqualTo(Kind.DAMAGED);
          assertThat(problem).hasMessageContaining("\"a\"").hasMessageContaining("capsule rm");
        });
    // the others are as they were, and what is damaged can be given up
    assertThat(JournalContract.state(journal(), "b")).isEqualTo(WorkflowState.INTERRUPTED);
    assertThat(journal().remove("a", null, List.of())).containsExactly("a");
    assertThat(journal().open(JournalContract.opening("a")).isNew()).isTrue();
  }

  @Test
  void whatWasWrittenIsRead() {
    assertThat(JournalContract.details(journal(), "a").steps())
        .extracting(StepRecord::outcome)
        .containsOnly(new Outcome(false, "\"second\""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "step_key = 'One'",
        "parent = 'two'",
        "parent = ''",
        "kind = 'step'",
        "name = 'fetch '",
        "args = '[]'",
        "args_hash = 'x'",
        "began = began + 1",
        "state = 'FINISHED'",
        "state = 'WELL'",
        "state = 'STARTED', outcome = NULL, details = NULL, ended = NULL",
        "outcome = '1'",
        "outcome = NULL",
        "outcome_file = 'x'",
        "details = NULL",
        "ended = ended + 1",
        "ended = NULL",
        "checksum = checksum + 1"
      })
  void aChangedStepIsNoticed(String change) throws SQLException {
    sql("UPDATE capsule_steps SET " + change + " WHERE workflow = 'a' AND number = 0");
    isDamaged();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "state = 'FAILED'",
        "state = 'WELL'",
        "program = ''",
        "folder = ''",
        "command = '[]'",
        "input = NULL",
        "input_file = 'x'",
        "runs = 7",
        "owner = 'x'",
        "created = 1",
        "opened = 1",
        "updated = updated + 1",
        "ended = NULL",
        "outcome = '[2]'",
        "outcome_file = 'x'",
        "finished = 1",
        "failed = 4",
        "started = 1",
        "digest = digest + 1",
        "checksum = 0"
      })
  void aChangedWorkflowIsNoticed(String change) throws SQLException {
    sql("UPDATE capsule_workflows SET " + change + " WHERE id = 'a'");
    isDamaged();
  }

  @Test
  void aMissingStepIsNoticed() throws SQLException {
    sql("DELETE FROM capsule_steps WHERE number = 2");
    isDamaged();
  }

  @Test
  void aStepOfLastWeekIsNoticed() throws SQLException {
    sql("REPLACE INTO capsule_steps SELECT * FROM old WHERE number = 1");
    isDamaged();
  }

  @Test
  void aStepOfAnotherPlaceIsNoticed() throws SQLException {
    sql(
        "UPDATE capsule_steps SET number = number + 10",
        "UPDATE capsule_steps SET number = 12 - number");
    isDamaged();
  }
}
