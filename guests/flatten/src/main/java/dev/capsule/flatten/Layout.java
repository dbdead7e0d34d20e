package dev.capsule.flatten;

import dev.capsule.flatten.CoreModule.Import;
import dev.capsule.flatten.Entity.Defined;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Which index everything has in the merged module. Functions come in the order of the instances, so
 * the same input always gives the same output.
 */
final class Layout {
  /** A function that the merged module imports; {@code type} is the index of its type. */
  record ImportedFunction(Entity entity, int type) {}

  private final InstanceGraph graph;
  private final Stubs stubs;
  private final Liveness live;
  private final Constants constants;
  private final Map<FunctionType, Integer> types = new LinkedHashMap<>();
  private final List<ImportedFunction> imports = new ArrayList<>();
  private final List<Defined> functions;
  private final Map<Entity, Integer> importIndices = new HashMap<>();

  /** What code refers to: where an import is guarded, its guard. */
  private final Map<Entity, Integer> functionIndices = new HashMap<>();

  private final Guards guards;
  private final Map<Entity, Integer> globals = new LinkedHashMap<>();
  private final List<Defined> tables = new ArrayList<>();
  private final List<Defined> memories = new ArrayList<>();
  private final Map<Integer, IndexMap> indices = new HashMap<>();

  Layout(InstanceGraph graph, Stubs stubs, Liveness live) {
    this.graph = graph;
    this.stubs = stubs;
    this.live = live;
    this.constants = new Constants(graph, live.writtenGlobals());
    this.functions =
        live.functions().stream()
            .filter(Defined.class::isInstance)
            .map(Defined.class::cast)
            .sorted()
            .toList();
    this.guards = new Guards(graph);
    graph.merged().forEach(this::addTypes);
    graph.merged().forEach(this::addImports);
    guards.needed().forEach(this::addImport);
    functions.forEach(this::addFunction);
    addGuards();
    graph.merged().forEach(this::addDefinitions);
    requireOne(tables, "tables");
    requireOne(memories, "memories");
    mapIndices();
  }

  /** All types, by index. */
  List<FunctionType> types() {
    return List.copyOf(types.keySet());
  }

  int type(FunctionType type) {
    return types.computeIfAbsent(type, t -> types.size());
  }

  List<ImportedFunction> imports() {
    return imports;
  }

  /** The functions that the module defines. */
  List<Defined> functions() {
    return functions;
  }

  /** The function that tells the memory's size comes after those of the old modules. */
  int memoryPages() {
    return imports.size() + functions.size();
  }

  /** Then come the guards, if there are any, of which the first counts handles. */
  int firstGuard() {
    return memoryPages() + 1;
  }

  Guards guards() {
    return guards;
  }

  /** The index of an import itself, past its guard. */
  int importIndex(Entity imported) {
    @Nullable Integer index = importIndices.get(imported);
    if (index == null) {
      throw new IllegalArgumentException(imported + " is not imported");
    }
    return index;
  }

  /** The globals that the module defines: those whose value is not always the same. */
  List<Defined> globals() {
    return globals.keySet().stream().map(Defined.class::cast).toList();
  }

  Defined table() {
    return tables.getFirst();
  }

  Defined memory() {
    return memories.getFirst();
  }

  int function(Entity function) {
    @Nullable Integer index = functionIndices.get(stubs.target(function));
    if (index == null) {
      throw new FlattenException(
          "%s does not become part of the merged module".formatted(function));
    }
    return index;
  }

  IndexMap indices(int instance) {
    @Nullable IndexMap map = indices.get(instance);
    if (map == null) {
      throw new IllegalArgumentException("core instance %d is not merged".formatted(instance));
    }
    return map;
  }

  private void addTypes(int instance) {
    graph.module(instance).types().forEach(this::type);
  }

  private void addImports(int instance) {
    CoreModule module = graph.module(instance);
    List<Import> candidates = module.imports(ExternKind.FUNCTION);
    for (int i = 0; i < candidates.size(); i++) {
      Entity entity = stubs.target(graph.function(instance, i));
      if (!(entity instanceof Defined)
          && live.functions().contains(entity)
          && !importIndices.containsKey(entity)) {
        FunctionType type = module.type(candidates.get(i).type());
        addImport(entity, type);
        guards.consider(entity, type);
      }
    }
  }

  private void addImport(Entity entity, FunctionType type) {
    if (importIndices.putIfAbsent(entity, imports.size()) == null) {
      functionIndices.put(entity, imports.size());
      imports.add(new ImportedFunction(entity, type(type)));
    }
  }

  private void addFunction(Defined function) {
    functionIndices.put(function, functionIndices.size());
  }

  private void addGuards() {
    guards.types().forEach(this::type);
    List<Entity> guarded = guards.guarded();
    for (int i = 0; i < guarded.size(); i++) {
      functionIndices.put(guarded.get(i), firstGuard() + 1 + i);
    }
  }

  private void addDefinitions(int instance) {
    CoreModule module = graph.module(instance);
    for (int i = 0; i < module.globals().size(); i++) {
      Defined global = new Defined(ExternKind.GLOBAL, instance, i);
      if (constants.global(global).isEmpty()) {
        globals.put(global, globals.size());
      }
    }
    for (int i = 0; i < module.tables().size(); i++) {
      tables.add(new Defined(ExternKind.TABLE, instance, i));
    }
    for (int i = 0; i < module.memories().size(); i++) {
      memories.add(new Defined(ExternKind.MEMORY, instance, i));
    }
  }

  private static void requireOne(List<Defined> found, String what) {
    if (found.size() != 1) {
      throw new FlattenException(
          "the core modules have %d %s together instead of one".formatted(found.size(), what));
    }
  }

  private void mapIndices() {
    int elements = 0;
    int data = 0;
    for (int instance : graph.merged()) {
      CoreModule module = graph.module(instance);
      IndexMap map = new IndexMap(instance);
      indices.put(instance, map);
      mapTypes(module, map);
      mapFunctions(instance, module, map);
      mapGlobals(instance, module, map);
      mapOnly(IndexSpace.TABLE, ExternKind.TABLE, instance, module, map, table());
      mapOnly(IndexSpace.MEMORY, ExternKind.MEMORY, instance, module, map, memory());
      mapFrom(IndexSpace.ELEMENT, elements, module.elements().size(), map);
      mapFrom(IndexSpace.DATA, data, module.data().size(), map);
      elements += module.elements().size();
      data += module.data().size();
    }
  }

  private void mapTypes(CoreModule module, IndexMap map) {
    map.space(IndexSpace.TYPE, module.types().size());
    for (int i = 0; i < module.types().size(); i++) {
      map.put(IndexSpace.TYPE, i, type(module.types().get(i)));
    }
  }

  private void mapFunctions(int instance, CoreModule module, IndexMap map) {
    int count = module.count(ExternKind.FUNCTION);
    map.space(IndexSpace.FUNCTION, count);
    for (int i = 0; i < count; i++) {
      @Nullable Integer index = functionIndices.get(stubs.target(graph.function(instance, i)));
      if (index != null) {
        map.put(IndexSpace.FUNCTION, i, index);
      }
    }
  }

  private void mapGlobals(int instance, CoreModule module, IndexMap map) {
    int count = module.count(ExternKind.GLOBAL);
    map.space(IndexSpace.GLOBAL, count);
    for (int i = 0; i < count; i++) {
      Entity global = graph.local(instance, ExternKind.GLOBAL, i);
      @Nullable Integer index = globals.get(global);
      OptionalLong value = constants.global(global);
      if (index != null) {
        map.put(IndexSpace.GLOBAL, i, index);
      } else if (value.isPresent() && global instanceof Defined defined) {
        int type = constants.definition(defined).valueType();
        map.put(i, new Constant(type, value.getAsLong()));
      }
    }
  }

  /** The modules share their only table and their only memory. */
  private void mapOnly(
      IndexSpace space,
      ExternKind kind,
      int instance,
      CoreModule module,
      IndexMap map,
      Defined only) {
    int count = module.count(kind);
    map.space(space, count);
    for (int i = 0; i < count; i++) {
      if (!graph.local(instance, kind, i).equals(only)) {
        throw new FlattenException(
            "core instance %d uses another %s than the shared one".formatted(instance, kind));
      }
      map.put(space, i, 0);
    }
  }

  private static void mapFrom(IndexSpace space, int first, int count, IndexMap map) {
    map.space(space, count);
    for (int i = 0; i < count; i++) {
      map.put(space, i, first + i);
    }
  }
}
