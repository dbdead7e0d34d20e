package dev.capsule.protocol;

import com.google.gson.JsonElement;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks for one run of a task.
 *
 * @param program id from {@link LoadProgramResult}
 * @param task its name; null: the program's entry
 * @param args positional arguments, an array; null: none
 * @param kwargs named arguments, an object; null: none
 * @param options the caller's options, an object, which win over the decorator's; null: none
 * @param ceiling what no task of the run may exceed, an object; null: nothing beyond the
 *     configuration's own
 * @param tools names of the tools that the client runs for this run; null: none
 * @param env values of environment variables that the program's tasks may be given, see {@link
 *     LoadProgramResult#env}; null: those of the sidecar's own environment
 * @param run the run's id in notifications; null: a new one
 * @param events which notifications to send, {@code "output"}, {@code "lifecycle"}; null: output
 * @param traceparent the trace that it is a part of, as W3C Trace Context has it; null, or one that
 *     is not valid: a new one
 * @param tracestate what goes with it
 * @param workflow the workflow that it is a step of, from {@link OpenWorkflowResult}; null: of none
 * @param main whether the run is the workflow itself, and the tasks that it calls are its steps;
 *     null: no
 * @param occurrence of a workflow's step, as in {@link BeginStepParams}
 */
public record RunTaskParams(
    String program,
    @Nullable String task,
    @Nullable RawJson args,
    @Nullable RawJson kwargs,
    @Nullable JsonElement options,
    @Nullable JsonElement ceiling,
    @Nullable List<String> tools,
    @Nullable Map<String, String> env,
    @Nullable String run,
    @Nullable List<String> events,
    @Nullable String traceparent,
    @Nullable String tracestate,
    @Nullable String workflow,
    @Nullable Boolean main,
    @Nullable Integer occurrence) {}
