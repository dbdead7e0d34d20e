package dev.capsule.flatten;

import dev.capsule.flatten.Component.CoreFunction;
import dev.capsule.flatten.CoreModule.Export;
import dev.capsule.flatten.Entity.Defined;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The core functions that the component level uses: those that are lifted, those that move strings
 * and lists across the border, and those that go into the shim's slots.
 */
final class Needs {
  private final InstanceGraph graph;
  private final SortedMap<Integer, Defined> functions = new TreeMap<>();

  private Needs(InstanceGraph graph) {
    this.graph = graph;
  }

  /** Functions of the merged modules by their core function index. */
  static Map<Integer, Defined> find(Component component, Scaffold scaffold, InstanceGraph graph) {
    Needs needs = new Needs(graph);
    for (Canonical.Lift lift : component.lifts()) {
      needs.add(lift.coreFunction());
      needs.add(lift);
    }
    for (Map.Entry<String, Export> argument : scaffold.arguments().entrySet()) {
      needs.addSlot(component, argument.getKey(), argument.getValue());
    }
    return needs.functions;
  }

  private void addSlot(Component component, String name, Export argument) {
    if (argument.kind() == ExternKind.TABLE) {
      Entity table = graph.core(ExternKind.TABLE, argument.index());
      if (!table.equals(new Entity.ShimExport(Scaffold.TABLE))) {
        throw new FlattenException(
            "unsupported fixup: \"%s\" is not the shim's table".formatted(name));
      }
      return;
    }
    if (argument.kind() != ExternKind.FUNCTION) {
      throw new FlattenException(
          "unsupported fixup: \"%s\" is a %s".formatted(name, argument.kind()));
    }
    switch (component.functions().get(argument.index())) {
      case CoreFunction.Alias alias -> add(argument.index());
      case CoreFunction.Builtin builtin -> add(builtin.canonical());
    }
  }

  private void add(Canonical canonical) {
    canonical.optionFunctions().forEach(this::add);
    canonical.memory().ifPresent(memory -> requireMerged(graph.core(ExternKind.MEMORY, memory)));
  }

  private void add(int coreFunction) {
    functions.put(coreFunction, requireMerged(graph.core(ExternKind.FUNCTION, coreFunction)));
  }

  private static Defined requireMerged(Entity entity) {
    if (entity instanceof Defined defined) {
      return defined;
    }
    throw new FlattenException(
        "unsupported: the component uses %s, which no merged module defines".formatted(entity));
  }
}
