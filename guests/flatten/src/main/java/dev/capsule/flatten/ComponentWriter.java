package dev.capsule.flatten;

import dev.capsule.flatten.Component.CoreFunction;
import dev.capsule.flatten.Component.Part;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the component around the merged module. The component level is copied; the core part takes
 * the place of the first lifted function, where everything that it lowers has been imported.
 */
final class ComponentWriter {
  /** Indices of the modules. */
  private static final int SHIM = 0;

  private static final int MERGED = 1;
  private static final int FIXUP = 2;

  /** Indices of the core instances. */
  private static final int SHIM_INSTANCE = 0;

  private static final int BUILTINS_INSTANCE = 1;
  private static final int MERGED_INSTANCE = 2;
  private static final int SLOTS_INSTANCE = 3;

  private static final int INSTANTIATE = 0;
  private static final int BAG = 1;
  private static final int CORE_EXPORT = 1;
  private static final int FUNCTION_TYPE = 0x40;
  private static final int ONE_RESULT = 0;
  private static final int U32 = 0x79;
  private static final int PLAIN_NAME = 0;
  private static final int NO_DESCRIPTION = 0;

  /** Stands for the function of the memory's size, which the component did not have before. */
  private static final int MEMORY_PAGES_KEY = -1;

  private final Component component;
  private final Scaffold scaffold;
  private final MergedModule merged;
  private final BinaryWriter out = new BinaryWriter();

  /** The new index of each core function of the component that is still there. */
  private final Map<Integer, Integer> coreFunctions = new HashMap<>();

  private int coreFunctionCount;

  private ComponentWriter(Component component, Scaffold scaffold, MergedModule merged) {
    this.component = component;
    this.scaffold = scaffold;
    this.merged = merged;
  }

  static Slice write(Component component, Scaffold scaffold, MergedModule merged) {
    if (component.lifts().isEmpty()) {
      throw new FlattenException("the component exports no function");
    }
    if (component.exports().contains(MergedModule.MEMORY_PAGES)) {
      throw new FlattenException(
          "the component exports \"%s\" itself".formatted(MergedModule.MEMORY_PAGES));
    }
    return new ComponentWriter(component, scaffold, merged).write();
  }

  private Slice write() {
    out.bytes(ComponentSection.PREAMBLE);
    boolean coreWritten = false;
    for (Part part : component.parts()) {
      if (part instanceof Part.Lifts && !coreWritten) {
        writeCore();
        coreWritten = true;
      }
      switch (part) {
        case Part.Section(int id, Slice content) -> out.section(id, to -> to.slice(content));
        case Part.Aliases(List<Slice> entries) ->
            out.section(ComponentSection.ALIAS, to -> to.vector(entries, BinaryWriter::slice));
        case Part.Lifts(List<Canonical.Lift> lifts) -> writeCanonicals(lifts);
      }
    }
    exportMemoryPages();
    return out.toSlice();
  }

  private void writeCore() {
    out.section(ComponentSection.CORE_MODULE, to -> to.slice(scaffold.shimModule().source()));
    out.section(ComponentSection.CORE_MODULE, to -> to.slice(merged.bytes()));
    out.section(ComponentSection.CORE_MODULE, to -> to.slice(scaffold.fixupModule().source()));
    out.section(ComponentSection.CORE_INSTANCE, to -> instantiate(to.u32(1), SHIM).u32(0));
    List<Item> builtins = writeBuiltins();
    out.section(
        ComponentSection.CORE_INSTANCE,
        to -> {
          bag(to.u32(2), builtins);
          instantiate(to, MERGED).u32(2);
          argument(to, MergedModule.SHIM, SHIM_INSTANCE);
          argument(to, MergedModule.BUILTINS, BUILTINS_INSTANCE);
        });
    writeAliases();
    List<Item> slots = writeSlots();
    out.section(
        ComponentSection.CORE_INSTANCE,
        to -> {
          bag(to.u32(2), slots);
          instantiate(to, FIXUP).u32(scaffold.fixupSources().size());
          scaffold.fixupSources().forEach(name -> argument(to, name, SLOTS_INSTANCE));
        });
  }

  /** An item of a bag: what is called so, of which kind, with which new core index. */
  private record Item(String name, ExternKind kind, int index) {}

  private static BinaryWriter instantiate(BinaryWriter to, int module) {
    return to.u8(INSTANTIATE).u32(module);
  }

  private static void argument(BinaryWriter to, String name, int instance) {
    to.name(name).u8(ComponentSection.CORE_INSTANCE_SORT).u32(instance);
  }

  private static void bag(BinaryWriter to, List<Item> items) {
    to.u8(BAG).vector(items, (w, item) -> w.name(item.name).u8(item.kind.code()).u32(item.index));
  }

  /** What the merged module imports directly, which therefore must do without its memory. */
  private List<Item> writeBuiltins() {
    List<Canonical> canonicals = new ArrayList<>();
    List<Item> items = new ArrayList<>();
    for (int function : merged.builtins()) {
      Canonical canonical = canonical(function);
      if (canonical.memory().isPresent() || !canonical.optionFunctions().isEmpty()) {
        throw new FlattenException(
            "unsupported: core function %d is imported past the shim but needs the memory"
                .formatted(function));
      }
      canonicals.add(canonical);
      items.add(new Item(Integer.toString(function), ExternKind.FUNCTION, coreFunctionCount++));
    }
    writeCanonicals(canonicals);
    return items;
  }

  private Canonical canonical(int coreFunction) {
    if (component.functions().get(coreFunction) instanceof CoreFunction.Builtin builtin) {
      return builtin.canonical();
    }
    throw new IllegalArgumentException("core function %d is an alias".formatted(coreFunction));
  }

  /** Gives the merged module's exports, and the shim's table, core indices. */
  private void writeAliases() {
    Map<String, Integer> indices = new LinkedHashMap<>();
    for (String name : new LinkedHashSet<>(merged.exports().values())) {
      indices.put(name, coreFunctionCount++);
    }
    merged.exports().forEach((function, name) -> coreFunctions.put(function, indices.get(name)));
    coreFunctions.put(MEMORY_PAGES_KEY, coreFunctionCount);
    indices.put(MergedModule.MEMORY_PAGES, coreFunctionCount++);
    out.section(
        ComponentSection.ALIAS,
        to -> {
          to.u32(indices.size() + 2);
          alias(to, ExternKind.MEMORY, MERGED_INSTANCE, MergedModule.MEMORY);
          alias(to, ExternKind.TABLE, SHIM_INSTANCE, Scaffold.TABLE);
          indices.keySet().forEach(name -> alias(to, ExternKind.FUNCTION, MERGED_INSTANCE, name));
        });
  }

  private static void alias(BinaryWriter to, ExternKind kind, int instance, String name) {
    to.u8(ComponentSection.CORE_SORT).u8(kind.code()).u8(CORE_EXPORT).u32(instance).name(name);
  }

  /** What the fixup puts into the shim's slots. */
  private List<Item> writeSlots() {
    List<Canonical> lowered = new ArrayList<>();
    List<Item> items = new ArrayList<>();
    items.add(new Item(Scaffold.TABLE, ExternKind.TABLE, 0));
    scaffold
        .arguments()
        .forEach((name, argument) -> {
          if (argument.kind() == ExternKind.TABLE) {
            return;
          }
          if (coreFunctions.containsKey(argument.index())) {
            items.add(new Item(name, ExternKind.FUNCTION, coreFunction(argument.index())));
          } else {
            lowered.add(canonical(argument.index()));
            items.add(new Item(name, ExternKind.FUNCTION, coreFunctionCount++));
          }
        });
    writeCanonicals(lowered);
    return items;
  }

  private void writeCanonicals(List<? extends Canonical> canonicals) {
    out.section(
        ComponentSection.CANONICAL,
        to -> to.vector(canonicals, (w, canonical) -> canonical.write(w, this::coreFunction)));
  }

  private int coreFunction(int index) {
    @Nullable Integer renumbered = coreFunctions.get(index);
    if (renumbered == null) {
      throw new IllegalStateException("core function %d is not an export".formatted(index));
    }
    return renumbered;
  }

  /** Adds {@code memory-pages: func() -> u32} at the end, where it moves no other index. */
  private void exportMemoryPages() {
    out.section(
        ComponentSection.TYPE, to -> to.u32(1).u8(FUNCTION_TYPE).u32(0).u8(ONE_RESULT).u8(U32));
    writeCanonicals(
        List.of(new Canonical.Lift(MEMORY_PAGES_KEY, List.of(), component.typeNames().size())));
    out.section(
        ComponentSection.EXPORT,
        to ->
            to.u32(1)
                .u8(PLAIN_NAME)
                .name(MergedModule.MEMORY_PAGES)
                .u8(ComponentSection.FUNCTION_SORT)
                .u32(component.functionNames().size())
                .u8(NO_DESCRIPTION));
  }
}
