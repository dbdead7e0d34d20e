package dev.capsule.flatten;

import dev.capsule.flatten.Component.CoreFunction;
import dev.capsule.flatten.Component.CoreInstance.Bag;
import dev.capsule.flatten.Component.CoreInstance.Instantiation;
import dev.capsule.flatten.Component.InstanceExport;
import dev.capsule.flatten.CoreModule.Export;
import dev.capsule.flatten.CoreModule.Import;
import dev.capsule.flatten.Entity.Defined;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The core instances of a component and what they are to each other. It does once what a runtime
 * does at each instantiation: find what every import stands for. That ends, because an instance can
 * only refer to earlier ones (which {@link ComponentReader} checks).
 */
final class InstanceGraph {
  private final Component component;
  private final Scaffold scaffold;
  private final List<Integer> merged = new ArrayList<>();
  private final Map<Integer, @Nullable Entity[]> functions = new HashMap<>();
  private final Set<String> slotsInProgress = new HashSet<>();

  InstanceGraph(Component component, Scaffold scaffold) {
    this.component = component;
    this.scaffold = scaffold;
    for (int i = 0; i < component.instances().size(); i++) {
      if (component.instances().get(i) instanceof Instantiation
          && i != scaffold.shim()
          && i != scaffold.fixup()) {
        merged.add(i);
        functions.put(i, new Entity[module(i).count(ExternKind.FUNCTION)]);
      }
    }
    for (int instance : merged) {
      if (module(instance).hasStart()) {
        throw new FlattenException(
            "unsupported: core instance %d has a start function".formatted(instance));
      }
    }
  }

  /** The instances of modules that become one, in the order in which they are instantiated. */
  List<Integer> merged() {
    return merged;
  }

  /** The module of an instance. */
  CoreModule module(int instance) {
    return component.modules().get(instantiation(instance).module());
  }

  FunctionType type(Defined function) {
    return module(function.instance()).typeOfDefined(function.index());
  }

  Slice body(Defined function) {
    return module(function.instance()).bodies().get(function.index());
  }

  /** What an item of the component's core index spaces is. */
  Entity core(ExternKind kind, int index) {
    if (kind != ExternKind.FUNCTION) {
      return export(Checked.get(component.exportsOf(kind), index, "core " + kind), kind);
    }
    return switch (Checked.get(component.functions(), index, "core function")) {
      case CoreFunction.Alias(InstanceExport export) -> export(export, kind);
      case CoreFunction.Builtin builtin -> new Entity.Builtin(index);
    };
  }

  /** What a merged module's function index stands for. */
  Entity function(int instance, int index) {
    @Nullable Entity[] known = functions.get(instance);
    if (known == null || index >= known.length) {
      throw new FlattenException("core instance %d has no function %d".formatted(instance, index));
    }
    @Nullable Entity entity = known[index];
    if (entity == null) {
      entity = local(instance, ExternKind.FUNCTION, index);
      known[index] = entity;
    }
    return entity;
  }

  /** What an index in the code of an instance's module stands for. */
  Entity local(int instance, ExternKind kind, int index) {
    CoreModule module = module(instance);
    List<Import> imports = module.imports(kind);
    if (index < imports.size()) {
      Import item = imports.get(index);
      int source =
          Checked.get(
              instantiation(instance).arguments(), item.module(), "argument of an instance");
      return export(new InstanceExport(source, item.name()), kind);
    }
    int defined = index - imports.size();
    if (defined >= module.defined(kind)) {
      throw new FlattenException("core instance %d has no %s %d".formatted(instance, kind, index));
    }
    return new Defined(kind, instance, defined);
  }

  /** What an imported function is called at component level. */
  ImportName importName(Entity imported) {
    return switch (imported) {
      case Entity.Builtin(int coreFunction) -> component.nameOf(coreFunction);
      case Entity.ShimExport(String slot) ->
          component.nameOf(Checked.get(scaffold.arguments(), slot, "slot").index());
      case Defined defined -> ImportName.NONE;
    };
  }

  /** The function of the component level with this name, as the merged modules can import it. */
  Entity importNamed(String interfaceName, String name) {
    for (int i = 0; i < component.functions().size(); i++) {
      ImportName found = component.nameOf(i);
      if (found.interfaceName().equals(interfaceName) && found.name().equals(name)) {
        return throughSlot(i);
      }
    }
    throw new FlattenException(
        "the component does not import %s#%s, which its guards call"
            .formatted(interfaceName, name));
  }

  private Entity throughSlot(int coreFunction) {
    for (Map.Entry<String, Export> slot : scaffold.arguments().entrySet()) {
      Export argument = slot.getValue();
      if (argument.kind() == ExternKind.FUNCTION && argument.index() == coreFunction) {
        return new Entity.ShimExport(slot.getKey());
      }
    }
    return new Entity.Builtin(coreFunction);
  }

  private Entity export(InstanceExport export, ExternKind kind) {
    int instance = export.instance();
    if (instance == scaffold.shim()) {
      return shimExport(export.name(), kind);
    }
    return switch (component.instances().get(instance)) {
      case Bag(Map<String, Export> exports) ->
          core(kind, find(exports, export.name(), kind).index());
      case Instantiation instantiation ->
          local(instance, kind, find(module(instance).exports(), export.name(), kind).index());
    };
  }

  /** A slot that the fixup fills with a function of a merged module is that function. */
  private Entity shimExport(String name, ExternKind kind) {
    find(scaffold.shimModule().exports(), name, kind);
    @Nullable Export argument = scaffold.arguments().get(name);
    if (kind == ExternKind.FUNCTION
        && argument != null
        && argument.kind() == ExternKind.FUNCTION
        && inSlot(name, argument) instanceof Defined function) {
      return function;
    }
    return new Entity.ShimExport(name);
  }

  /** Here alone an instance can refer to a later one, and so to itself. */
  private Entity inSlot(String name, Export argument) {
    if (!slotsInProgress.add(name)) {
      throw new FlattenException(
          "unsupported fixup: slot %s is filled with itself".formatted(name));
    }
    try {
      return core(ExternKind.FUNCTION, argument.index());
    } finally {
      slotsInProgress.remove(name);
    }
  }

  private static Export find(Map<String, Export> exports, String name, ExternKind kind) {
    Export export = Checked.get(exports, name, "export");
    if (export.kind() != kind) {
      throw new FlattenException("\"%s\" is not a %s".formatted(name, kind));
    }
    return export;
  }

  private Instantiation instantiation(int instance) {
    if (component.instances().get(instance) instanceof Instantiation instantiation) {
      return instantiation;
    }
    throw new IllegalArgumentException("core instance %d is a bag".formatted(instance));
  }
}
