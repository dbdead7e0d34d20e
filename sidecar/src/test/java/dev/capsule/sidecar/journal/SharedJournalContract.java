package dev.capsule.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.journal.JournalException.Kind;
import org.junit.jupiter.api.Test;

/** What holds for each store that outlives a process. */
abstract class SharedJournalContract extends JournalContract {
  @Test
  void aJournalThatIsClosedLeavesItsWorkflows() {
    Journal one = journal();
    OpenWorkflow workflow = one.open(opening("a"));
    workflow.begin(step("one"));
    one.close();

    assertThat(failure(workflow.end("one", result("1"), null)).kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(workflow.isOurs()).isFalse();
    Journal two = journal();
    assertThat(state(two, "a")).isEqualTo(WorkflowState.INTERRUPTED);
    assertThat(two.open(opening("a")).steps()).hasSize(1);
  }

  @Test
  void aWorkflowWhoseProcessEndsBeforeItStopsIsCancelledStill() {
    Journal one = journal();
    OpenWorkflow _ = one.open(opening("a"));
    Journal two = journal();
    assertThat(two.cancel("a")).isEqualTo(WorkflowState.RUNNING);
    one.close();

    assertThat(state(two, "a")).isEqualTo(WorkflowState.CANCELLED);
    assertThat(failure(() -> two.open(opening("a"))).kind()).isEqualTo(Kind.CANCELLED);
    assertThat(two.revive("a")).isNotNull();
    OpenWorkflow again = two.open(opening("a"));
    assertThat(again.isOurs()).isTrue();
  }
}
