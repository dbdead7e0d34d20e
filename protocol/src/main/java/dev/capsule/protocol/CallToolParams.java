package dev.capsule.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Asks the client to run one of its tools. The arguments come from a sandbox: check them.
 *
 * @param run the run that wants it
 * @param root the run at the top of its tree, which the client has asked for
 * @param task name of the task that wants it
 * @param tool name of the tool
 * @param args positional arguments, an array
 * @param kwargs named arguments, an object
 * @param traceparent the trace that the call is a part of, as W3C Trace Context has it
 * @param tracestate what goes with it; null: nothing
 * @param step id of the workflow's step that wants it; null: it is none
 */
public record CallToolParams(
    String run,
    String root,
    String task,
    String tool,
    RawJson args,
    RawJson kwargs,
    String traceparent,
    @Nullable String tracestate,
    @Nullable String step) {}
