package dev.capsule.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes a workflow for this client, as a new one or where an earlier run left it.
 *
 * @param id the user's name for it
 * @param root absolute path of the folder that decides which journal it is in
 * @param file absolute path of the program's file, for people; null: unknown
 * @param config as in {@link LoadProgramParams}
 * @param durability {@code "full"}, {@code "relaxed"} or {@code "off"}; null: as configured
 * @param onChange what follows where the program no longer does what was recorded: {@code "fail"},
 *     {@code "restart"} or {@code "continue"}; null: fail
 * @param command the program and its arguments that run it again; null: nobody knows
 * @param folder absolute path that the command was started in; null: unknown
 * @param input what the workflow is given; null: unknown
 * @param fresh whether to forget all that earlier runs have left; null: no
 * @param replay whether a workflow that has ended is opened, too, to be gone through again; null:
 *     no
 * @param traceparent as in {@link RunTaskParams}: the trace that it is a part of
 * @param tracestate what goes with it
 */
public record OpenWorkflowParams(
    String id,
    String root,
    @Nullable String file,
    @Nullable String config,
    @Nullable String durability,
    @Nullable String onChange,
    @Nullable List<String> command,
    @Nullable String folder,
    @Nullable RawJson input,
    @Nullable Boolean fresh,
    @Nullable Boolean replay,
    @Nullable String traceparent,
    @Nullable String tracestate) {}
