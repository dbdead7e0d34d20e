package dev.capsule.sidecar.task;

import dev.capsule.sidecar.http.HttpShare;
import dev.capsule.sidecar.policy.Ceilings;
import dev.capsule.sidecar.sandbox.Engine;
import dev.capsule.sidecar.trace.Trace;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a run shares with the runs that it calls.
 *
 * @param ceilings what none of them may exceed
 * @param tree stands for them all
 * @param trace what all that happens is told of
 * @param tools the client's functions that they may call, if their policies say so
 * @param variables where values of further variables come from
 * @param environment values of all variables that any task of the programs that were called may
 *     see; each is given those of its own policy
 * @param workflow that they are part of; null: of none
 */
record RunContext(
    Engine engine,
    HttpShare http,
    RunListener listener,
    Backoff backoff,
    Ceilings ceilings,
    RunTree tree,
    Trace trace,
    ClientTools tools,
    Variables variables,
    Map<String, String> environment,
    @Nullable Workflow workflow) {

  /**
   * What the variables of programs are taken from.
   *
   * @param given the client's values
   * @param own those of this process
   */
  record Variables(Map<String, String> given, Map<String, String> own) {
    Map<String, String> of(Program program, Collection<String> more) {
      Set<String> names = new LinkedHashSet<>(more);
      for (Program.Declared task : program.tasks().values()) {
        names.addAll(task.options().env());
      }
      return names.isEmpty()
          ? Map.of()
          : Environment.values(names, given, own, program.config().folder());
    }
  }

  RunContext {
    environment = Map.copyOf(environment);
  }

  /** The same for a program that one of the runs calls a task of. */
  RunContext in(Program other) {
    Map<String, String> more = variables.of(other, List.of());
    if (environment.keySet().containsAll(more.keySet())) {
      return this;
    }
    Map<String, String> all = new LinkedHashMap<>(more);
    all.putAll(environment);
    return new RunContext(
        engine, http, listener, backoff, ceilings, tree, trace, tools, variables, all, workflow);
  }
}
