package dev.capsule.sidecar.journal;

import org.jspecify.annotations.Nullable;

/**
 * A workflow as its row has it. Times are milliseconds since 1970.
 *
 * @param state what was written last: RUNNING is never written; INTERRUPTED: it has not ended
 * @param owner name of the process that has it; null: none
 * @param runs how many times it was opened, which tells those who had it apart
 */
record WorkflowRow(
    String id,
    WorkflowState state,
    String program,
    String folder,
    String command,
    @Nullable Payload input,
    long runs,
    @Nullable String owner,
    long created,
    long opened,
    long updated,
    @Nullable Long ended,
    @Nullable Payload outcome,
    Tally tally) {

  /** One of which there was nothing before. */
  static WorkflowRow fresh(String id, @Nullable Payload input, long earlierRuns, long at) {
    return new WorkflowRow(
        id,
        WorkflowState.INTERRUPTED,
        "",
        "",
        "[]",
        input,
        earlierRuns,
        null,
        at,
        at,
        at,
        null,
        null,
        Tally.NONE);
  }

  /** As a process gets it that opens it. */
  WorkflowRow openedBy(String process, Opening opening, String command, long at) {
    return new WorkflowRow(
        id,
        WorkflowState.INTERRUPTED,
        Texts.plain(opening.program()),
        Texts.plain(opening.folder()),
        command,
        input,
        runs + 1,
        process,
        created,
        at,
        at,
        null,
        null,
        tally);
  }

  WorkflowRow with(Tally steps, long at) {
    return new WorkflowRow(
        id, state, program, folder, command, input, runs, owner, created, opened, at, ended,
        outcome, steps);
  }

  WorkflowRow with(@Nullable Payload given, @Nullable Payload result) {
    return new WorkflowRow(
        id, state, program, folder, command, given, runs, owner, created, opened, updated, ended,
        result, tally);
  }

  /** As nobody has it any more. */
  WorkflowRow given(WorkflowState back, @Nullable Payload result, long at) {
    return new WorkflowRow(
        id,
        back,
        program,
        folder,
        command,
        input,
        runs,
        null,
        created,
        opened,
        at,
        back == WorkflowState.INTERRUPTED ? null : at,
        result,
        tally);
  }

  long sum() {
    return new Checksum()
        .add(id)
        .add(state.name())
        .add(program)
        .add(folder)
        .add(command)
        .add(input)
        .add(runs)
        .add(owner)
        .add(created)
        .add(opened)
        .add(updated)
        .add(ended == null ? -1 : ended)
        .add(outcome)
        .add(tally.finished())
        .add(tally.failed())
        .add(tally.started())
        .add(tally.digest())
        .value();
  }
}
