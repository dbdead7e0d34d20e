package dev.capsule.sidecar.task;

import dev.capsule.sidecar.policy.Ceilings;
import dev.capsule.sidecar.sandbox.Engine;
import java.util.Map;

/**
 * What a run shares with the runs that it calls.
 *
 * @param ceilings what none of them may exceed
 * @param tree stands for them all where cores are shared out
 * @param environment values of all variables that any of the program's tasks may see; each is given
 *     those of its own policy
 */
record RunContext(
    Engine engine,
    RunListener listener,
    Ceilings ceilings,
    Object tree,
    String traceId,
    Map<String, String> environment) {

  RunContext {
    environment = Map.copyOf(environment);
  }
}
