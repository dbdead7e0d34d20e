package dev.capsule.flatten;

import dev.capsule.flatten.Component.CoreInstance;
import dev.capsule.flatten.Component.CoreInstance.Bag;
import dev.capsule.flatten.Component.CoreInstance.Instantiation;
import dev.capsule.flatten.CoreModule.Export;
import dev.capsule.flatten.CoreModule.Import;
import dev.capsule.flatten.CoreModule.Placement;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The shim and the fixup of {@code wit-component}, which stay modules of their own: lowering a
 * function takes the memory, the memory is the merged module's, and the merged module imports the
 * lowered function. The shim breaks the circle.
 *
 * <p>That the shim's function <i>n</i> calls what the fixup's argument <i>n</i> is, is what
 * everything here relies on, so it is checked instruction by instruction.
 *
 * @param shim core instance
 * @param fixup core instance
 * @param arguments what the fixup puts into the slots, by the slot's number; from most versions of
 *     {@code wit-component} also the shim's table, which others pass to the fixup by itself
 */
record Scaffold(
    int shim,
    CoreModule shimModule,
    int fixup,
    CoreModule fixupModule,
    Map<String, Export> arguments) {
  /** The name of the table of slots. */
  static final String TABLE = "$imports";

  static Scaffold find(Component component) {
    @Nullable Integer shim = null;
    @Nullable Integer fixup = null;
    List<CoreInstance> instances = component.instances();
    for (int i = 0; i < instances.size(); i++) {
      if (instances.get(i) instanceof Instantiation instantiation) {
        CoreModule module = component.modules().get(instantiation.module());
        if (module.exports().containsKey(TABLE)) {
          shim = onlyOne(shim, i, "shim");
        }
        if (module.imports(ExternKind.TABLE).stream().anyMatch(item -> item.name().equals(TABLE))) {
          fixup = onlyOne(fixup, i, "fixup");
        }
      }
    }
    if (shim == null || fixup == null) {
      throw new FlattenException(
          "there is no shim and fixup among the core modules: not made by wit-component?");
    }
    CoreModule shimModule = module(component, shim);
    CoreModule fixupModule = module(component, fixup);
    requireShim(shimModule);
    requireFixup(fixupModule);
    return new Scaffold(
        shim, shimModule, fixup, fixupModule, arguments(component, shim, fixup, fixupModule));
  }

  /** What the fixup calls the instance, or the instances, that it imports from. */
  Set<String> fixupSources() {
    Set<String> sources = new LinkedHashSet<>();
    sources.add(source(fixupModule, ExternKind.TABLE));
    sources.add(source(fixupModule, ExternKind.FUNCTION));
    return sources;
  }

  /** A fixup without functions has nothing but the table. */
  private static String source(CoreModule fixup, ExternKind kind) {
    List<Import> imports = fixup.imports(kind);
    return (imports.isEmpty() ? fixup.imports(ExternKind.TABLE) : imports).getFirst().module();
  }

  private static Integer onlyOne(@Nullable Integer before, int instance, String what) {
    if (before != null) {
      throw new FlattenException(
          "there is more than one %s among the core instances".formatted(what));
    }
    return instance;
  }

  private static CoreModule module(Component component, int instance) {
    Instantiation instantiation = (Instantiation) component.instances().get(instance);
    return component.modules().get(instantiation.module());
  }

  private static Map<String, Export> arguments(
      Component component, int shim, int fixup, CoreModule fixupModule) {
    Map<String, Integer> given = ((Instantiation) component.instances().get(fixup)).arguments();
    String functions = source(fixupModule, ExternKind.FUNCTION);
    String table = source(fixupModule, ExternKind.TABLE);
    if (!table.equals(functions) && Checked.get(given, table, "argument of the fixup") != shim) {
      throw new FlattenException("unsupported fixup: \"%s\" is not the shim".formatted(table));
    }
    int slots = Checked.get(given, functions, "argument of the fixup");
    if (component.instances().get(slots) instanceof Bag(Map<String, Export> exports)) {
      return exports;
    }
    throw new FlattenException("unsupported fixup: its argument is an instance of a module");
  }

  private static void requireShim(CoreModule module) {
    boolean plain =
        module.imports().isEmpty()
            && module.tables().size() == 1
            && module.memories().isEmpty()
            && module.globals().isEmpty()
            && module.elements().isEmpty()
            && module.data().isEmpty()
            && !module.hasStart();
    if (!plain) {
      throw new FlattenException("unsupported shim: it has more than slots and functions");
    }
    module.exports().forEach((name, export) -> requireSlot(module, name, export));
  }

  private static void requireSlot(CoreModule module, String name, Export export) {
    if (export.kind() == ExternKind.TABLE && name.equals(TABLE)) {
      return;
    }
    @Nullable Stub stub =
        export.kind() == ExternKind.FUNCTION ? Stub.of(module, export.index()) : null;
    if (stub == null || !name.equals(Integer.toString(stub.slot()))) {
      throw new FlattenException(
          "unsupported shim: export \"%s\" does not call its slot".formatted(name));
    }
  }

  private static void requireFixup(CoreModule module) {
    List<Import> imports = module.imports(ExternKind.FUNCTION);
    boolean plain =
        module.imports(ExternKind.TABLE).size() == 1
            && module.imports(ExternKind.MEMORY).isEmpty()
            && module.imports(ExternKind.GLOBAL).isEmpty()
            && module.functions().isEmpty()
            && module.tables().isEmpty()
            && module.memories().isEmpty()
            && module.globals().isEmpty()
            && module.data().isEmpty()
            && !module.hasStart()
            && module.elements().size() == 1
            && module.elements().getFirst().functions().size() == imports.size()
            && module.elements().getFirst().placement() instanceof Placement.Active active
            && isZero(active.offset());
    String source = source(module, ExternKind.FUNCTION);
    for (int slot = 0; plain && slot < imports.size(); slot++) {
      plain =
          imports.get(slot).name().equals(Integer.toString(slot))
              && imports.get(slot).module().equals(source)
              && module.elements().getFirst().functions().get(slot) == slot;
    }
    if (!plain) {
      throw new FlattenException(
          "unsupported fixup: it does more than fill the shim's slots in order");
    }
  }

  private static boolean isZero(Slice constant) {
    InstructionCursor code = new InstructionCursor(constant.reader());
    return code.next()
        && code.opcode() == Opcode.I32_CONST
        && code.immediate() == 0
        && code.next()
        && code.opcode() == Opcode.END;
  }
}
