package dev.capsule.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.capsule.sidecar.journal.JournalException.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What holds for each store, also of one that is kept in memory. */
abstract class JournalContract {
  private final List<Journal> opened = new ArrayList<>();

  /** A journal as another process would have it, of the place that the test has for itself. */
  abstract Journal connect();

  final Journal journal() {
    Journal journal = connect();
    opened.add(journal);
    return journal;
  }

  @AfterEach
  void close() {
    opened.forEach(Journal::close);
  }

  static Opening opening(String id) {
    return new Opening(
        id, "main.py", "/home/u/p", List.of("capsule", "run", "main.py"), "{\"n\":1}", false);
  }

  static Opening fresh(String id) {
    return new Opening(id, "main.py", "/home/u/p", List.of(), null, true);
  }

  static StepIntent step(String key) {
    return new StepIntent(key, null, "task", "fetch", "[\"" + key + "\"]", "hash of " + key);
  }

  static Outcome result(String json) {
    return new Outcome(true, json);
  }

  static JournalException failure(ThrowingCallable call) {
    return Objects.requireNonNull(catchThrowableOfType(JournalException.class, call));
  }

  static JournalException failure(CompletableFuture<?> future) {
    CompletionException problem =
        Objects.requireNonNull(catchThrowableOfType(CompletionException.class, future::join));
    Throwable cause = Objects.requireNonNull(problem.getCause());
    assertThat(cause).isInstanceOf(JournalException.class);
    return (JournalException) cause;
  }

  static WorkflowDetails details(Journal journal, String id) {
    return Objects.requireNonNull(journal.find(id));
  }

  static WorkflowState state(Journal journal, String id) {
    return details(journal, id).summary().state();
  }

  @Test
  void aNewWorkflowIsRunningUntilItIsGivenBack() {
    Journal journal = journal();
    OpenWorkflow workflow = journal.open(opening("a"));

    assertThat(workflow.isNew()).isTrue();
    assertThat(workflow.found()).isEqualTo(WorkflowState.INTERRUPTED);
    assertThat(workflow.outcome()).isNull();
    assertThat(workflow.input()).isEqualTo("{\"n\":1}");
    assertThat(workflow.steps()).isEmpty();
    assertThat(workflow.isOurs()).isTrue();
    WorkflowSummary summary = details(journal, "a").summary();
    assertThat(summary.state()).isEqualTo(WorkflowState.RUNNING);
    assertThat(summary.owner()).contains("process " + ProcessHandle.current().pid());
    assertThat(summary.command()).containsExactly("capsule", "run", "main.py");
    assertThat(summary.program()).isEqualTo("main.py");
    assertThat(summary.folder()).isEqualTo("/home/u/p");
    assertThat(summary.runs()).isEqualTo(1);

    workflow.release().join();

    assertThat(workflow.isOurs()).isFalse();
    assertThat(state(journal, "a")).isEqualTo(WorkflowState.INTERRUPTED);
    assertThat(details(journal, "a").summary().owner()).isNull();
    assertThat(failure(workflow.finish(result("1"))).kind()).isEqualTo(Kind.LOST);
  }

  @Test
  void whatEndedIsThereWhenTheWorkflowIsOpenedAgain() {
    OpenWorkflow first = journal().open(opening("a"));
    first.begin(step("one"));
    first.begin(new StepIntent("two", "one", "step", "n\u0000m\ud800e", "[\"\ud800\"]", "hash"));
    first.begin(step("three"));
    CompletableFuture<Void> one = first.end("one", result("{\"x\":\"é😀\udc00\"}"), "{\"d\":1}");
    CompletableFuture<Void> two = first.end("two", new Outcome(false, "{\"type\":\"x\"}"), null);
    CompletableFuture.allOf(one, two, first.release()).join();

    OpenWorkflow again = journal().open(opening("a"));
    List<StepRecord> steps = again.steps();

    assertThat(again.isNew()).isFalse();
    assertThat(again.found()).isEqualTo(WorkflowState.INTERRUPTED);
    assertThat(steps).extracting(s -> s.intent().key()).containsExactly("one", "two", "three");
    assertThat(steps).extracting(StepRecord::number).containsExactly(0L, 1L, 2L);
    assertThat(steps)
        .extracting(StepRecord::state)
        .containsExactly(StepState.FINISHED, StepState.FAILED, StepState.STARTED);
    assertThat(steps.get(0).intent()).isEqualTo(step("one"));
    assertThat(steps.get(0).outcome()).isEqualTo(result("{\"x\":\"é😀\\udc00\"}"));
    assertThat(steps.get(0).details()).isEqualTo("{\"d\":1}");
    assertThat(steps.get(0).ended()).isBeforeOrEqualTo(Instant.now());
    assertThat(steps.get(1).intent().name()).isEqualTo("n\ufffdm\ufffde");
    assertThat(steps.get(1).intent().args()).isEqualTo("[\"\\ud800\"]");
    assertThat(steps.get(1).intent().parent()).isEqualTo("one");
    assertThat(steps.get(1).outcome()).isEqualTo(new Outcome(false, "{\"type\":\"x\"}"));
    assertThat(steps.get(2).outcome()).isNull();
    assertThat(steps.get(2).ended()).isNull();
    assertThat(details(journal(), "a").summary().runs()).isEqualTo(2);
  }

  @Test
  void theFirstToSayHowAStepEndedWins() {
    OpenWorkflow workflow = journal().open(opening("a"));
    workflow.begin(step("one"));
    workflow.end("one", result("1"), null).join();
    workflow.end("one", new Outcome(false, "2"), null).join();
    CompletableFuture<Void> both = workflow.end("one", result("3"), null);
    CompletableFuture.allOf(both, workflow.release()).join();

    assertThat(journal().open(opening("a")).steps().getFirst().outcome()).isEqualTo(result("1"));
  }

  @Test
  void aStepBeginsAgainInItsPlace() {
    OpenWorkflow workflow = journal().open(opening("a"));
    workflow.begin(step("one"));
    workflow.begin(step("two"));
    workflow.end("one", new Outcome(false, "1"), "{}").join();
    workflow.begin(step("one"));
    workflow.release().join();

    List<StepRecord> steps = journal().open(opening("a")).steps();

    assertThat(steps).extracting(s -> s.intent().key()).containsExactly("one", "two");
    assertThat(steps.getFirst().state()).isEqualTo(StepState.STARTED);
    assertThat(steps.getFirst().outcome()).isNull();
    assertThat(steps.getFirst().details()).isNull();
  }

  @Test
  void aReopenedStepHasNeverEnded() {
    OpenWorkflow workflow = journal().open(opening("a"));
    for (String key : List.of("one", "two", "three")) {
      workflow.begin(step(key));
      workflow.end(key, new Outcome(key.equals("two"), "1"), "{}").join();
    }
    workflow.finish(new Outcome(false, "\"no\"")).join();
    assertThat(state(journal(), "a")).isEqualTo(WorkflowState.FAILED);

    OpenWorkflow again = journal().open(opening("a"));
    assertThat(again.found()).isEqualTo(WorkflowState.FAILED);
    again.reopen(List.of("one", "three", "unknown"));
    again.end("three", result("3"), null).join();
    again.release().join();

    OpenWorkflow third = journal().open(opening("a"));
    assertThat(third.steps())
        .extracting(StepRecord::state)
        .containsExactly(StepState.STARTED, StepState.FINISHED, StepState.FINISHED);
    assertThat(third.steps().get(2).outcome()).isEqualTo(result("3"));
  }

  @Test
  void aFinishedWorkflowIsReadByManyAndChangedByNone() {
    OpenWorkflow workflow = journal().open(opening("a"));
    workflow.begin(step("one"));
    workflow.end("one", result("1"), null).join();
    workflow.finish(result("[42]")).join();

    OpenWorkflow again = journal().open(opening("a"));
    OpenWorkflow atOnce = journal().open(opening("a"));

    for (OpenWorkflow read : List.of(again, atOnce)) {
      assertThat(read.found()).isEqualTo(WorkflowState.FINISHED);
      assertThat(read.outcome()).isEqualTo(result("[42]"));
      assertThat(read.input()).isEqualTo("{\"n\":1}");
      assertThat(read.steps()).hasSize(1);
    }
    assertThat(failure(again.end("two", result("2"), null)).kind()).isEqualTo(Kind.LOST);
    again.finish(result("other")).join();
    WorkflowSummary summary = details(journal(), "a").summary();
    assertThat(summary.outcome()).isEqualTo(result("[42]"));
    assertThat(summary.runs()).isEqualTo(1);
    assertThat(summary.ended()).isNotNull();
  }

  @Test
  void afreshOpeningForgetsAll() {
    OpenWorkflow workflow = journal().open(opening("a"));
    workflow.begin(step("one"));
    workflow.end("one", result("1"), null).join();
    workflow.finish(result("1")).join();

    OpenWorkflow again = journal().open(fresh("a"));

    assertThat(again.isNew()).isTrue();
    assertThat(again.steps()).isEmpty();
    assertThat(again.input()).isNull();
    assertThat(again.outcome()).isNull();
    again.begin(step("two"));
    again.end("two", result("2"), null).join();
    assertThat(details(journal(), "a").steps())
        .extracting(s -> s.intent().key())
        .containsExactly("two");
  }

  @Test
  void theSameIdTwiceAtOnceIsRefused() {
    Journal one = journal();
    OpenWorkflow workflow = one.open(opening("a"));

    for (Journal journal : List.of(one, journal())) {
      JournalException busy = failure(() -> journal.open(opening("a")));
      assertThat(busy.kind()).isEqualTo(Kind.BUSY);
      assertThat(busy)
          .hasMessageContaining("process " + ProcessHandle.current().pid())
          .hasMessageContaining("capsule cancel a");
      assertThat(failure(() -> journal.open(fresh("a"))).kind()).isEqualTo(Kind.BUSY);
    }

    workflow.release().join();
    assertThat(one.open(opening("a")).isNew()).isFalse();
  }

  @Test
  void aWorkflowThatNobodyRunsIsCancelledAtOnce() {
    Journal journal = journal();
    assertThat(journal.cancel("a")).isNull();
    journal.open(opening("a")).release().join();

    assertThat(journal.cancel("a")).isEqualTo(WorkflowState.INTERRUPTED);

    assertThat(state(journal, "a")).isEqualTo(WorkflowState.CANCELLED);
    JournalException cancelled = failure(() -> journal.open(opening("a")));
    assertThat(cancelled.kind()).isEqualTo(Kind.CANCELLED);
    assertThat(cancelled).hasMessageContaining("capsule resume a");
    assertThat(journal.cancel("a")).isEqualTo(WorkflowState.CANCELLED);

    WorkflowSummary revived = Objects.requireNonNull(journal.revive("a"));
    assertThat(revived.state()).isEqualTo(WorkflowState.INTERRUPTED);
    assertThat(revived.command()).containsExactly("capsule", "run", "main.py");
    assertThat(journal.open(opening("a")).isNew()).isFalse();
    assertThat(journal.revive("b")).isNull();
  }

  @Test
  void whoeverRunsAWorkflowIsAskedToStopIt() {
    Journal journal = journal();
    OpenWorkflow workflow = journal.open(opening("a"));
    CompletableFuture<OpenWorkflow.Revocation> why = new CompletableFuture<>();
    AtomicInteger times = new AtomicInteger();
    workflow.onRevoked(revocation -> {
      times.incrementAndGet();
      why.complete(revocation);
    });

    assertThat(journal().cancel("a")).isEqualTo(WorkflowState.RUNNING);

    assertThat(why.orTimeout(30, java.util.concurrent.TimeUnit.SECONDS).join())
        .isEqualTo(OpenWorkflow.Revocation.CANCELLED);
    assertThat(state(journal, "a")).isEqualTo(WorkflowState.RUNNING);
    workflow.begin(step("one"));
    workflow.end("one", result("1"), null).join();
    workflow.cancelled().join();
    assertThat(state(journal, "a")).isEqualTo(WorkflowState.CANCELLED);
    assertThat(times).hasValue(1);
    assertThat(journal.revive("a")).isNotNull();
    OpenWorkflow again = journal.open(opening("a"));
    assertThat(again.steps()).hasSize(1);
    again.finish(result("1")).join();
    assertThat(journal.cancel("a")).isEqualTo(WorkflowState.FINISHED);
    assertThat(state(journal, "a")).isEqualTo(WorkflowState.FINISHED);
  }

  @Test
  void workflowsAreListedByStateThoseChangedLastFirst() {
    Journal journal = journal();
    assertThat(journal.list(List.of(), 10)).isEmpty();
    for (String id : List.of("a", "b", "c", "d")) {
      OpenWorkflow workflow = journal.open(opening(id));
      workflow.begin(step("one"));
      workflow.end("one", new Outcome(!id.equals("b"), "1"), null).join();
      workflow.begin(step("two"));
      CompletableFuture<Void> _ =
          switch (id) {
            case "a" -> workflow.finish(result("1"));
            case "b" -> workflow.finish(new Outcome(false, "\"why\""));
            case "c" -> workflow.release();
            default -> CompletableFuture.completedFuture(null);
          };
    }

    assertThat(journal.list(List.of(), 10))
        .extracting(WorkflowSummary::id)
        .containsExactlyInAnyOrder("a", "b", "c", "d");
    assertThat(journal.list(List.of(), 10))
        .extracting(WorkflowSummary::updated)
        .isSortedAccordingTo(java.util.Comparator.reverseOrder());
    assertThat(journal.list(List.of(), 2)).hasSize(2);
    assertThat(only(journal.list(List.of(WorkflowState.RUNNING), 10)).id()).isEqualTo("d");
    WorkflowSummary failed = only(journal.list(List.of(WorkflowState.FAILED), 10));
    assertThat(failed.id()).isEqualTo("b");
    assertThat(failed.outcome()).isEqualTo(new Outcome(false, "\"why\""));
    assertThat(failed.stepsFailed()).isEqualTo(1);
    assertThat(failed.stepsFinished()).isZero();
    assertThat(failed.stepsStarted()).isEqualTo(1);
    assertThat(journal.list(List.of(WorkflowState.INTERRUPTED, WorkflowState.FINISHED), 10))
        .extracting(WorkflowSummary::id)
        .containsExactlyInAnyOrder("a", "c");
  }

  private static WorkflowSummary only(List<WorkflowSummary> all) {
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  @Test
  void onlyWhatNobodyRunsIsRemoved() {
    Journal journal = journal();
    journal.open(opening("a")).finish(result("1")).join();
    journal.open(opening("b")).finish(new Outcome(false, "1")).join();
    OpenWorkflow running = journal().open(opening("c"));

    Instant before = details(journal, "a").summary().updated();
    assertThat(journal.remove(null, before, List.of())).isEmpty();
    assertThat(journal.remove("c", null, List.of())).isEmpty();
    assertThat(journal.remove(null, null, List.of(WorkflowState.FAILED))).containsExactly("b");
    assertThat(journal.remove("zz", null, List.of())).isEmpty();
    assertThat(journal.remove(null, Instant.now().plusSeconds(9), List.of())).containsExactly("a");

    assertThat(journal.find("a")).isNull();
    assertThat(journal.find("b")).isNull();
    running.begin(step("one"));
    running.end("one", result("1"), null).join();
    assertThat(details(journal, "c").steps()).hasSize(1);
    assertThat(journal.open(opening("a")).isNew()).isTrue();
  }

  @Test
  void anEndIsThereForOthersWhenItsFutureCompletes() {
    Journal other = journal();
    OpenWorkflow workflow = journal().open(opening("a"));
    for (int i = 0; i < 20; i++) {
      String key = "k" + i;
      workflow.begin(step(key));
      workflow.end(key, result("" + i), null).join();
      assertThat(details(other, "a").steps().getLast().outcome()).isEqualTo(result("" + i));
    }
  }

  @Test
  void manyWorkflowsAtOnceLoseNothing() {
    Journal one = journal();
    Journal two = journal();
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (int w = 0; w < 50; w++) {
      OpenWorkflow workflow = (w % 2 == 0 ? one : two).open(opening("w" + w));
      for (int s = 0; s < 20; s++) {
        workflow.begin(step("s" + s));
        ends.add(workflow.end("s" + s, result("[" + w + "," + s + "]"), null));
      }
      ends.add(workflow.finish(result("" + w)));
    }
    ends.forEach(CompletableFuture::join);

    Journal reader = journal();
    for (int w = 0; w < 50; w++) {
      int number = w;
      WorkflowDetails details = details(reader, "w" + w);
      assertThat(details.summary().outcome()).isEqualTo(result("" + w));
      assertThat(details.steps())
          .extracting(StepRecord::outcome)
          .containsExactlyElementsOf(
              IntStream.range(0, 20)
                  .<@Nullable Outcome>mapToObj(s -> result("[" + number + "," + s + "]"))
                  .toList());
    }
  }

  @Test
  void largeTextsComeBackAsTheyWere() {
    String large = "\"" + "0123456789é".repeat(200_000) + "\"";
    Opening opening = new Opening("a", "main.py", "/", List.of(), large, false);
    OpenWorkflow workflow = journal().open(opening);
    workflow.begin(step("one"));
    workflow.end("one", result(large), null).join();
    workflow.begin(step("two"));
    workflow.end("two", result(large), null).join();
    workflow.release().join();

    OpenWorkflow again = journal().open(opening("a"));
    // compared here: a failed assertion would print them
    assertThat(large.equals(again.input())).isTrue();
    assertThat(again.steps()).hasSize(2).allMatch(step -> result(large).equals(step.outcome()));
    again.finish(result(large)).join();
    assertThat(result(large).equals(journal().open(opening("a")).outcome())).isTrue();
    assertThat(journal().remove("a", null, List.of())).containsExactly("a");
  }
}
