package dev.capsule.sidecar.task;

import dev.capsule.sidecar.policy.Ceilings;
import dev.capsule.sidecar.sandbox.Engine;

/**
 * What a run shares with the runs that it calls.
 *
 * @param ceilings what none of them may exceed
 * @param tree stands for them all where cores are shared out
 */
record RunContext(
    Engine engine, RunListener listener, Ceilings ceilings, Object tree, String traceId) {}
