package dev.capsule.flatten;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The functions that stand between the guest's code and what it imports from WASI. They tell the
 * host, before anything is written to a file, how many bytes it is, and how many handles are open;
 * they ask it about each path; and they tell it what was opened. The guest's code cannot go past
 * them: it has no other way to the import, and their globals are not its own.
 *
 * <p>In the merged module they come after everything else: first the one that counts handles, then
 * one for each guarded import. So do their globals.
 */
final class Guards {
  private static final String HOST = "capsule:guest/host";

  private final InstanceGraph graph;
  private final GuardTable table = GuardTable.read();
  private final Map<Entity, GuardRule> rules = new LinkedHashMap<>();

  Guards(InstanceGraph graph) {
    this.graph = graph;
  }

  /** Looks at an import; those that must be guarded are remembered in the order of these calls. */
  void consider(Entity imported, FunctionType type) {
    GuardRule rule = table.rule(graph.importName(imported), type);
    if (rule != null) {
      rules.put(imported, rule);
    }
  }

  boolean isEmpty() {
    return rules.isEmpty();
  }

  /** What is guarded, in the order of the guards. */
  List<Entity> guarded() {
    return new ArrayList<>(rules.keySet());
  }

  /** The guards' types, in their order, after that of the function that counts. */
  List<FunctionType> types() {
    List<FunctionType> types = new ArrayList<>();
    if (!isEmpty()) {
      types.add(GuardCode.COUNT_TYPE);
      rules.values().forEach(rule -> types.add(rule.type()));
    }
    return types;
  }

  /** What the guards must be able to import, with its type. */
  Map<Entity, FunctionType> needed() {
    if (isEmpty()) {
      return Map.of();
    }
    Map<Entity, FunctionType> needed = new LinkedHashMap<>();
    Set<HostFunction> called = EnumSet.of(HostFunction.CHARGE, HostFunction.RESERVE_HANDLES);
    rules.values().forEach(rule -> called.addAll(rule.asks()));
    called.forEach(function -> needed.put(host(function), function.type()));
    return needed;
  }

  private Entity host(HostFunction function) {
    return graph.importNamed(HOST, function.importName());
  }

  /** Writes the bodies of all functions. */
  void writeBodies(BinaryWriter out, Layout layout) {
    if (isEmpty()) {
      return;
    }
    GuardCode code =
        new GuardCode(
            function -> layout.importIndex(host(function)),
            layout.firstGuard(),
            layout.globals().size());
    out.sized(code::writeCount);
    rules.forEach(
        (imported, rule) -> out.sized(to -> code.write(rule, layout.importIndex(imported), to)));
  }

  /** The name of a guard's function, for debugging. */
  String nameOf(Entity imported) {
    return "guard:" + graph.importName(imported);
  }
}
