package dev.capsule.repl.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.protocol.DescribeWorkflowResult;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.JournalErrorData;
import dev.capsule.protocol.ReplayMismatchData;
import dev.capsule.protocol.StepCounts;
import dev.capsule.protocol.StepInfo;
import dev.capsule.protocol.StepName;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.WorkflowInfo;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Workflows, their steps and what is wrong with them, as people read it. */
class WorkflowViewsTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:05:00Z");
  private static final Path HERE = Path.of("/app");

  private static WorkflowInfo workflow(
      String id, String state, @Nullable String ended, StepCounts steps) {
    return new WorkflowInfo(
        id,
        state,
        "/app/main.py",
        "/app",
        List.of("capsule", "run", "main.py"),
        2,
        "host:7",
        "2026-11-21T10:00:00.000Z",
        "2026-11-21T10:01:30.000Z",
        ended,
        steps,
        state.equals("failed") ? TaskFailure.of(ErrorType.TASK_ERROR, "no sources") : null);
  }

  private static StepInfo step(
      String id, @Nullable String parent, String name, String state, @Nullable TaskFailure error) {
    return new StepInfo(
        id,
        parent,
        "task",
        name,
        "{\"args\":[\"cats\"],\"kwargs\":{}}",
        state,
        "2026-11-21T10:00:00.000Z",
        state.equals("started") ? null : "2026-11-21T10:00:01.250Z",
        null,
        error,
        null);
  }

  @Test
  void workflowsStandInColumns() {
    Styled table =
        RunsTable.of(
            List.of(
                workflow("a", "finished", "2026-11-21T10:00:02.500Z", new StepCounts(3, 0, 0)),
                workflow("longer-id", "interrupted", null, new StepCounts(3, 1, 2)),
                workflow("b", "running", null, new StepCounts(0, 0, 0))),
            NOW,
            ZoneOffset.UTC,
            HERE);

    assertThat(table.toString().lines().map(String::stripTrailing))
        .containsExactly(
            "ID         STATE          STEPS  BEGAN                      TOOK  PROGRAM",
            "a          finished           3  2026-11-21 10:00:00      2.50 s  main.py",
            "longer-id  interrupted      3/6  2026-11-21 10:00:00    1 m 30 s  main.py",
            "b          running            0  2026-11-21 10:00:00    5 m 00 s  main.py");
  }

  @Test
  void stepsStandUnderTheirCallers() {
    TaskFailure error = new TaskFailure("task_error", "missing\nsecond line", "KeyError", null);
    Styled tree =
        StepTree.of(
            new DescribeWorkflowResult(
                workflow("job", "failed", "2026-11-21T10:00:02Z", new StepCounts(1, 1, 1)),
                List.of(
                    step("job/1", null, "search", "finished", null),
                    step("job/2", null, "write", "started", null),
                    step("job/3", "job/1", "fetch", "failed", error),
                    step("job/4", "job/gone", "lost", "finished", null))),
            NOW,
            ZoneOffset.UTC,
            HERE);

    assertThat(tree.toString().lines())
        .containsExactly(
            "job  failed  began 2026-11-21 10:00:00, took 2.00 s, 2 runs",
            "main.py",
            "no sources",
            "  ✓ search(\"cats\")   1.25 s",
            "  ✕   fetch(\"cats\")  1.25 s  KeyError: missing",
            "  … write(\"cats\")    to be run again",
            "  ✓ lost(\"cats\")     1.25 s");
  }

  @Test
  void aTerminalIsToldColoursButNothingByTheTextItself() {
    Styled text = new Styled().add(Styled.Style.RED, "bad\u001b[2J").add(" plain");

    assertThat(text.forTerminal(true)).isEqualTo("\u001b[31mbad\\x1b[2J\u001b[0m plain");
    assertThat(text.forTerminal(false)).isEqualTo("bad\\x1b[2J plain");
  }

  @Test
  void whatToDoAboutAWorkflowIsSaidInAShellsWords() {
    JournalErrorData busy = new JournalErrorData("busy", "/j");
    assertThat(JournalFailures.ofJournal("it runs", busy, "my job"))
        .isEqualTo(
            "capsule: it runs\n  `capsule runs 'my job'` tells who has it; `capsule cancel 'my"
                + " job'` stops it.");
    assertThat(JournalFailures.isOfWorkflow(busy)).isTrue();

    JournalErrorData full = new JournalErrorData("full", "/j");
    assertThat(JournalFailures.ofJournal("no space", full, "a"))
        .isEqualTo("capsule: no space\n  The journal is /j.");
    assertThat(JournalFailures.ofJournal("no space for /j", full, "a")).hasLineCount(1);
    assertThat(JournalFailures.isOfWorkflow(full)).isFalse();
  }

  @Test
  void aChangeShowsWhatWasRecordedAndWhatIsAskedNow() {
    String change =
        JournalFailures.ofChange(
            new ReplayMismatchData(
                "job",
                new StepName("task", "fetch", "{\"args\":[1],\"kwargs\":{\"n\":null}}"),
                new StepName("task", "fetch", "{\"args\":[1,")),
            null);
    assertThat(change)
        .startsWith(
            """
            capsule: the workflow "job" does not do what it did before
              recorded  task fetch(1, n=null)
              now       task fetch {"args":[1,
            """)
        .contains("--on-change=continue", "--on-change=restart");

    String input =
        JournalFailures.ofChange(
            new ReplayMismatchData(
                "job",
                new StepName("workflow", "job", "{\"args\":[]}"),
                new StepName("workflow", "job", "{\"task\":\"other\",\"args\":[2]}")),
            null);
    assertThat(input)
        .contains("was begun with other arguments\n  recorded  main()\n  now       other(2)\n")
        .doesNotContain("continue");
  }
}
