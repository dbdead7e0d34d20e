package dev.capsule.sidecar.journal;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A workflow as it is written down.
 *
 * @param program for people: the file that it is the workflow of
 * @param folder absolute path of the folder that its command was started in
 * @param command the program and its arguments that run it again; empty: nobody knows
 * @param runs how many times it was opened
 * @param owner for people: the process that has it; null: none
 * @param updated when anything of it was last written
 * @param ended null: it has not
 * @param outcome null: it has not ended, or its result is large
 */
public record WorkflowSummary(
    String id,
    WorkflowState state,
    String program,
    String folder,
    List<String> command,
    int runs,
    @Nullable String owner,
    Instant created,
    Instant updated,
    @Nullable Instant ended,
    @Nullable Outcome outcome,
    long stepsFinished,
    long stepsFailed,
    long stepsStarted) {}
