package dev.capsule.flatten;

import dev.capsule.flatten.CoreModule.ElementSegment;
import dev.capsule.flatten.Entity.Defined;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * What can run. Roots are the functions that the component uses and everything in element segments;
 * what they call or refer to can run too. The rest - relocation and constructors, which ran before
 * the snapshot was taken - is left out, and with it the writes to globals that only it makes.
 *
 * @param functions all that can run, imported ones among them
 * @param writtenGlobals globals that something that can run writes to
 * @param referenced functions that an instruction takes a reference of
 * @param changesTable whether something that can run may change a table
 */
record Liveness(
    Set<Entity> functions,
    Set<Defined> writtenGlobals,
    Set<Defined> referenced,
    boolean changesTable) {

  static Liveness find(InstanceGraph graph, Stubs stubs, Collection<? extends Entity> roots) {
    return new Search(graph, stubs).run(roots);
  }

  private static final class Search {
    private final InstanceGraph graph;
    private final Stubs stubs;
    private final Deque<Defined> toVisit = new ArrayDeque<>();
    private final Set<Entity> functions = new HashSet<>();
    private final Set<Defined> writtenGlobals = new HashSet<>();
    private final Set<Defined> referenced = new TreeSet<>();
    private boolean changesTable;

    Search(InstanceGraph graph, Stubs stubs) {
      this.graph = graph;
      this.stubs = stubs;
    }

    Liveness run(Collection<? extends Entity> roots) {
      roots.forEach(root -> add(stubs.target(root)));
      for (int instance : graph.merged()) {
        for (ElementSegment segment : graph.module(instance).elements()) {
          segment.functions().forEach(function -> add(function(instance, function)));
        }
      }
      while (!toVisit.isEmpty()) {
        visit(toVisit.pop());
      }
      return new Liveness(functions, writtenGlobals, referenced, changesTable);
    }

    private void add(Entity function) {
      if (functions.add(function) && function instanceof Defined defined) {
        toVisit.push(defined);
      }
    }

    private Entity function(int instance, int index) {
      return stubs.target(graph.function(instance, index));
    }

    private void visit(Defined caller) {
      int instance = caller.instance();
      InstructionCursor code = FunctionBody.instructions(graph.body(caller));
      while (code.next()) {
        switch (code.opcode()) {
          case Opcode.CALL, Opcode.RETURN_CALL -> add(function(instance, code.index(0)));
          case Opcode.REF_FUNC -> {
            Entity function = function(instance, code.index(0));
            add(function);
            if (function instanceof Defined defined) {
              referenced.add(defined);
            } else {
              throw new FlattenException("unsupported: a reference to an imported function");
            }
          }
          case Opcode.GLOBAL_SET -> {
            if (graph.local(instance, ExternKind.GLOBAL, code.index(0)) instanceof Defined global) {
              writtenGlobals.add(global);
            }
          }
          case Opcode.TABLE_SET,
              Opcode.TABLE_INIT,
              Opcode.TABLE_COPY,
              Opcode.TABLE_FILL,
              Opcode.TABLE_GROW ->
              changesTable = true;
          default -> {}
        }
      }
    }
  }
}
