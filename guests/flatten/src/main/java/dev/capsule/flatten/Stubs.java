package dev.capsule.flatten;

import dev.capsule.flatten.CoreModule.ElementSegment;
import dev.capsule.flatten.CoreModule.Placement;
import dev.capsule.flatten.Entity.Defined;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Functions that only pass a call on through the table to a function that is always the same. Where
 * libraries import each other's functions in a circle, the linker puts such stubs between them.
 * What calls the stub may as well call the function.
 */
final class Stubs {
  private final Map<Defined, Defined> targets;

  private Stubs(Map<Defined, Defined> targets) {
    this.targets = targets;
  }

  static Stubs none() {
    return new Stubs(Map.of());
  }

  /**
   * Finds the stubs among live functions. There are none if anything can change the table: then a
   * slot is not always the same function.
   */
  static Stubs find(InstanceGraph graph, Liveness live) {
    if (live.changesTable()) {
      return none();
    }
    Map<Slot, Entity> slots = slots(graph);
    Map<Defined, Defined> found = new HashMap<>();
    for (Entity entity : live.functions()) {
      if (entity instanceof Defined function) {
        @Nullable Stub stub = Stub.of(graph.module(function.instance()), function.index());
        if (stub != null
            && slots.get(slot(graph, function.instance(), stub)) instanceof Defined target
            && graph.type(target).equals(graph.type(function))) {
          found.put(function, target);
        }
      }
    }
    Map<Defined, Defined> targets = new HashMap<>();
    found.forEach((stub, target) -> targets.put(stub, follow(found, target)));
    return new Stubs(targets);
  }

  int count() {
    return targets.size();
  }

  /** The function to call instead of a stub; anything else is itself. */
  Entity target(Entity entity) {
    @Nullable Defined target = entity instanceof Defined defined ? targets.get(defined) : null;
    return target == null ? entity : target;
  }

  private record Slot(Entity table, int index) {}

  private static Slot slot(InstanceGraph graph, int instance, Stub stub) {
    return new Slot(graph.local(instance, ExternKind.TABLE, stub.table()), stub.slot());
  }

  /** What is in the tables after instantiation; later segments overwrite earlier ones. */
  private static Map<Slot, Entity> slots(InstanceGraph graph) {
    Constants constants = Constants.atInstantiation(graph);
    Map<Slot, Entity> slots = new HashMap<>();
    for (int instance : graph.merged()) {
      for (ElementSegment segment : graph.module(instance).elements()) {
        if (segment.placement() instanceof Placement.Active active) {
          Entity table = graph.local(instance, ExternKind.TABLE, active.target());
          int offset = constants.offset(instance, active.offset());
          for (int i = 0; i < segment.functions().size(); i++) {
            slots.put(
                new Slot(table, offset + i), graph.function(instance, segment.functions().get(i)));
          }
        }
      }
    }
    return slots;
  }

  /** A stub may lead to another one; stubs that lead in a circle are left as they are. */
  private static Defined follow(Map<Defined, Defined> stubs, Defined first) {
    Set<Defined> seen = new HashSet<>();
    Defined target = first;
    while (seen.add(target)) {
      @Nullable Defined next = stubs.get(target);
      if (next == null) {
        return target;
      }
      target = next;
    }
    return first;
  }
}
