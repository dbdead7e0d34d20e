package dev.capsule.flatten;

import dev.capsule.flatten.Component.CoreInstance;
import dev.capsule.flatten.Component.CoreInstance.Bag;
import dev.capsule.flatten.Component.CoreInstance.Instantiation;
import dev.capsule.flatten.CoreModule.Export;
import dev.capsule.flatten.CoreModule.Import;
import dev.capsule.flatten.CoreModule.Placement;
import java.util.List;
import java.util.Map;
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
 * @param arguments what the fixup puts into the slots, by the slot's number; also the shim's table
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
        shim, shimModule, fixup, fixupModule, arguments(component, fixup, fixupModule));
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
      Component component, int fixup, CoreModule fixupModule) {
    String source = fixupModule.imports(ExternKind.TABLE).getFirst().module();
    Instantiation instantiation = (Instantiation) component.instances().get(fixup);
    int instance = Checked.get(instantiation.arguments(), source, "argument of the fixup");
    if (component.instances().get(instance) instanceof Bag(Map<String, Export> exports)) {
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
    String source = module.imports(ExternKind.TABLE).getFirst().module();
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
