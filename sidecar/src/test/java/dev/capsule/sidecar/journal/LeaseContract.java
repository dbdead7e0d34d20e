package dev.capsule.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.journal.JournalException.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who has a workflow: between processes that are killed and stopped. */
abstract class LeaseContract {
  /** So long that no test sees its end. */
  static final Duration LONG = Duration.ofHours(1);

  private static final Duration SHORT = Duration.ofSeconds(2);

  private final List<AutoCloseable> opened = new ArrayList<>();

  /** A folder, or a server's address, that the test has for itself. */
  abstract String place();

  abstract Connection connect() throws SQLException;

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
  }

  final JournalProcess process(Duration lease) {
    JournalProcess process = JournalProcess.start(place(), lease);
    opened.add(process);
    return process;
  }

  final Journal journal() {
    return journal(LONG);
  }

  /** One that gives no sign of life after the first, as if it was stopped. */
  private Journal journal(Duration lease) {
    Timing timing = new Timing(lease, LONG, LONG);
    Journals journals = new Journals(Map.of(), message -> {}, timing);
    opened.add(journals);
    return journals.at(
        place().contains("://")
            ? new Place.Server(place(), Durability.FULL)
            : new Place.Folder(java.nio.file.Path.of(place()), Durability.FULL));
  }

  final void sql(String statement) throws SQLException {
    try (Connection connection = connect();
        Statement run = connection.createStatement()) {
      run.execute(statement);
    }
  }

  private static Kind refusal(Journal journal) {
    return JournalContract.failure(() -> journal.open(JournalContract.opening("a"))).kind();
  }

  @Test
  void aWorkflowWhoseProcessWasKilledIsTakenAtOnce() {
    JournalProcess process = process(LONG);
    assertThat(process.ask("open a")).isEqualTo("found INTERRUPTED 0");
    assertThat(process.ask("step a one 10")).isEqualTo("ok");
    Journal journal = journal();
    JournalException busy =
        JournalContract.failure(() -> journal.open(JournalContract.opening("a")));
    assertThat(busy.kind()).isEqualTo(Kind.BUSY);
    assertThat(busy).hasMessageContaining("process " + process.pid());

    process.signal("KILL");

    assertThat(JournalContract.state(journal, "a")).isEqualTo(WorkflowState.INTERRUPTED);
    OpenWorkflow workflow = journal.open(JournalContract.opening("a"));
    assertThat(workflow.steps()).hasSize(1);
  }

  @Test
  void aWorkflowWhoseProcessWasStoppedIsTakenWhenItsLeaseEnds() {
    JournalProcess process = process(SHORT);
    assertThat(process.ask("open a")).isEqualTo("found INTERRUPTED 0");
    assertThat(process.ask("open b")).isEqualTo("found INTERRUPTED 0");
    assertThat(process.ask("step a one 10")).isEqualTo("ok");
    assertThat(process.ask("ours a")).isEqualTo("true");

    process.signal("STOP");
    Journal journal = journal();
    List<OpenWorkflow> taken = new ArrayList<>();
    Deadline.await("the end of the lease", () -> taken.addAll(tryToOpen(journal)));
    OpenWorkflow workflow = taken.getFirst();
    workflow.begin(JournalContract.step("two"));
    process.say("ours a");
    process.say("step a three 10");
    process.signal("CONT");

    assertThat(process.answer()).isEqualTo("false");
    assertThat(process.answer()).startsWith("LOST ").contains("not this process's any more");
    process.hears("revoked a LOST");
    workflow.end("two", JournalContract.result("2"), null).join();
    assertThat(JournalContract.details(journal, "a").steps())
        .extracting(step -> step.intent().key())
        .containsExactly("one", "two");
    // what nobody took is still its own
    assertThat(process.ask("step b one 10")).isEqualTo("ok");
    assertThat(process.ask("ours b")).isEqualTo("true");
    assertThat(process.heard()).containsExactly("!revoked a LOST");
  }

  private static List<OpenWorkflow> tryToOpen(Journal journal) {
    try {
      return List.of(journal.open(JournalContract.opening("a")));
    } catch (JournalException e) {
      assertThat(e.kind()).isEqualTo(Kind.BUSY);
      return List.of();
    }
  }

  @Test
  void whoeverWasTakenFromWritesNothingEvenBeforeItNotices() {
    OpenWorkflow late = journal(Duration.ofMillis(1)).open(JournalContract.opening("a"));
    late.begin(JournalContract.step("one"));
    late.end("one", JournalContract.result("1"), null).join();
    Journal journal = journal();
    List<OpenWorkflow> taken = new ArrayList<>();
    Deadline.await("the end of the lease", () -> taken.addAll(tryToOpen(journal)));

    assertThat(late.isOurs()).isFalse();
    late.begin(JournalContract.step("two"));
    assertThat(JournalContract.failure(late.end("two", JournalContract.result("2"), null)).kind())
        .isEqualTo(Kind.LOST);
    assertThat(JournalContract.failure(late.finish(JournalContract.result("2"))).kind())
        .isEqualTo(Kind.LOST);
    WorkflowDetails details = JournalContract.details(journal, "a");
    assertThat(details.steps()).hasSize(1);
    assertThat(details.summary().state()).isEqualTo(WorkflowState.RUNNING);
    taken.getFirst().finish(JournalContract.result("1")).join();
  }

  @Test
  void aWorkflowThatIsRemovedUnderItsProcessIsLost() throws SQLException {
    JournalProcess process = process(SHORT);
    assertThat(process.ask("open a")).isEqualTo("found INTERRUPTED 0");
    sql("DELETE FROM capsule_workflows");

    process.hears("revoked a LOST");
    assertThat(process.ask("step a one 10")).startsWith("LOST ");
  }

  @Test
  void ofManyWhoOpenTheSameWorkflowAtOnceOneHasIt() {
    List<Journal> journals = List.of(journal(), journal(), journal(), journal());
    for (int round = 0; round < 10; round++) {
      Opening opening = JournalContract.opening("w" + round);
      List<CompletableFuture<Boolean>> all =
          journals.stream()
              .map(journal -> CompletableFuture.supplyAsync(() -> has(journal, opening)))
              .toList();
      assertThat(all.stream().map(CompletableFuture::join).filter(got -> got)).hasSize(1);
    }
  }

  private static boolean has(Journal journal, Opening opening) {
    try {
      OpenWorkflow workflow = journal.open(opening);
      assertThat(workflow.isNew()).isTrue();
      return true;
    } catch (JournalException e) {
      assertThat(e.kind()).isEqualTo(Kind.BUSY);
      return false;
    }
  }

  @Test
  void aClockThatJumpsChangesNothingForProcessesOfOneBoot() throws SQLException {
    JournalProcess process = process(LONG);
    assertThat(process.ask("open a")).isEqualTo("found INTERRUPTED 0");
    Journal journal = journal();

    sql("UPDATE capsule_owners SET until_time = 0");
    assertThat(refusal(journal)).isEqualTo(Kind.BUSY);
    sql("UPDATE capsule_owners SET until_time = 9000000000000000");
    assertThat(refusal(journal)).isEqualTo(Kind.BUSY);
    sql("UPDATE capsule_owners SET until_ticks = 0, until_time = 9000000000000000");
    assertThat(JournalContract.state(journal, "a")).isEqualTo(WorkflowState.INTERRUPTED);
  }

  @Test
  void aProcessOfAnotherMachineIsJudgedByTheTime() throws SQLException {
    JournalProcess process = process(LONG);
    assertThat(process.ask("open a")).isEqualTo("found INTERRUPTED 0");
    String other = "UPDATE capsule_owners SET machine = 'm', boot = 'b', pids = 'p', clock = 'c'";
    Journal journal = journal();

    sql(other + ", until_ticks = 0");
    assertThat(refusal(journal)).isEqualTo(Kind.BUSY);
    sql(other + ", until_time = 0");
    assertThat(JournalContract.state(journal, "a")).isEqualTo(WorkflowState.INTERRUPTED);
    // in a thousand years: the clock was set back since
    sql(other + ", until_time = 9000000000000000");
    assertThat(JournalContract.state(journal, "a")).isEqualTo(WorkflowState.INTERRUPTED);
  }
}
