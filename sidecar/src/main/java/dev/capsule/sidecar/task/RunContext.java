package dev.capsule.sidecar.task;

import dev.capsule.sidecar.http.HttpGate;
import dev.capsule.sidecar.sandbox.Engine;

/**
 * What a run shares with the runs that it calls.
 *
 * @param tree stands for them all where cores are shared out
 */
record RunContext(
    Engine engine, HttpGate http, RunListener listener, Object tree, String traceId) {}
