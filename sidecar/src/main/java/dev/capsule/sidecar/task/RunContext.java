package dev.capsule.sidecar.task;

import dev.capsule.sidecar.sandbox.Engine;

/**
 * What a run shares with the runs that it calls.
 *
 * @param tree stands for them all
 */
record RunContext(
    Engine engine, RunListener listener, Backoff backoff, RunTree tree, String traceId) {}
