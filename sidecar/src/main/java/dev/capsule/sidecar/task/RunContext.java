package dev.capsule.sidecar.task;

import dev.capsule.sidecar.policy.Ceilings;
import dev.capsule.sidecar.sandbox.Engine;
import java.util.Map;

/**
 * What a run shares with the runs that it calls.
 *
 * @param ceilings what none of them may exceed
 * @param tree stands for them all where cores are shared out
<<<<<<< HEAD
 * @param environment values of all variables that any of the program's tasks may see; each is given
 *     those of its own policy
=======
 * @param tools the client's functions that they may call, if their policies say so
>>>>>>> e63fb1e2e7fb9b42a6f974cb71a45c92f5b685ba
 */
record RunContext(
    Engine engine,
    RunListener listener,
    Ceilings ceilings,
    Object tree,
    String traceId,
<<<<<<< HEAD
    Map<String, String> environment) {

  RunContext {
    environment = Map.copyOf(environment);
  }
}
=======
    ClientTools tools) {}
>>>>>>> e63fb1e2e7fb9b42a6f974cb71a45c92f5b685ba
