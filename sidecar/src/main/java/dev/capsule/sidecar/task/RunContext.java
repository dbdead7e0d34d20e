package dev.capsule.sidecar.task;

import dev.capsule.sidecar.http.HttpShare;
import dev.capsule.sidecar.policy.Ceilings;
import dev.capsule.sidecar.sandbox.Engine;
import java.util.Map;

/**
 * What a run shares with the runs that it calls.
 *
 * @param ceilings what none of them may exceed
 * @param tree stands for them all
 * @param tools the client's functions that they may call, if their policies say so
 * @param environment values of all variables that any of the program's tasks may see; each is given
 *     those of its own policy
 */
record RunContext(
    Engine engine,
    HttpShare http,
    RunListener listener,
    Backoff backoff,
    Ceilings ceilings,
    RunTree tree,
    String traceId,
    ClientTools tools,
    Map<String, String> environment) {

  RunContext {
    environment = Map.copyOf(environment);
  }
}
