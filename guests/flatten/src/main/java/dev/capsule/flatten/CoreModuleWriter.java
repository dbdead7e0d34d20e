package dev.capsule.flatten;

import dev.capsule.flatten.CoreModule.DataSegment;
import dev.capsule.flatten.CoreModule.ElementSegment;
import dev.capsule.flatten.CoreModule.Global;
import dev.capsule.flatten.CoreModule.Placement;
import dev.capsule.flatten.Entity.Defined;
import dev.capsule.flatten.Layout.ImportedFunction;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes the merged module. */
final class CoreModuleWriter {
  private static final byte[] PREAMBLE = {0, 'a', 's', 'm', 1, 0, 0, 0};
  private static final FunctionType MEMORY_PAGES_TYPE =
      new FunctionType(List.of(), List.of(ValueType.I32));

  private static final int ACTIVE = 0;
  private static final int PASSIVE = 1;
  private static final int DECLARED = 3;
  private static final int FUNCTION_ELEMENTS = 0;

  private final InstanceGraph graph;
  private final Liveness live;
  private final Layout layout;
  private final Constants atInstantiation;
  private final Map<Integer, String> exports = new TreeMap<>();

  private CoreModuleWriter(InstanceGraph graph, Liveness live, Layout layout) {
    this.graph = graph;
    this.live = live;
    this.layout = layout;
    this.atInstantiation = Constants.atInstantiation(graph);
  }

  /** {@code needed} are the functions that the component uses, by their core function index. */
  static MergedModule write(
      InstanceGraph graph, Liveness live, Layout layout, Map<Integer, Defined> needed) {
    CoreModuleWriter writer = new CoreModuleWriter(graph, live, layout);
    Slice bytes = writer.write(needed);
    List<Integer> builtins =
        layout.imports().stream()
            .map(ImportedFunction::entity)
            .filter(Entity.Builtin.class::isInstance)
            .map(entity -> ((Entity.Builtin) entity).coreFunction())
            .toList();
    return new MergedModule(bytes, builtins, writer.exports);
  }

  /** Sections go by their order in the format, which puts 12 before 10. */
  private Slice write(Map<Integer, Defined> needed) {
    int pagesType = layout.type(MEMORY_PAGES_TYPE);
    int pagesFunction = layout.memoryPages();
    BinaryWriter out = new BinaryWriter().bytes(PREAMBLE);
    out.section(1, to -> to.vector(layout.types(), (w, type) -> type.write(w)));
    out.section(2, to -> to.vector(layout.imports(), CoreModuleWriter::writeImport));
    out.section(3, to -> writeFunctionTypes(to, pagesType));
    Defined table = layout.table();
    out.section(4, to -> to.u32(1).slice(definition(table).tables().get(table.index())));
    Defined memory = layout.memory();
    out.section(5, to -> to.u32(1).slice(definition(memory).memories().get(memory.index())));
    out.section(6, this::writeGlobals);
    out.section(7, to -> writeExports(to, needed, pagesFunction));
    out.section(9, this::writeElements);
    out.section(12, to -> to.u32(dataSegments()));
    out.section(10, this::writeCode);
    out.section(11, this::writeData);
    out.section(0, to -> writeNames(to, pagesFunction));
    return out.toSlice();
  }

  private CoreModule definition(Defined defined) {
    return graph.module(defined.instance());
  }

  private static void writeImport(BinaryWriter out, ImportedFunction function) {
    switch (function.entity()) {
      case Entity.Builtin builtin ->
          out.name(MergedModule.BUILTINS).name(Integer.toString(builtin.coreFunction()));
      case Entity.ShimExport export -> out.name(MergedModule.SHIM).name(export.name());
      case Defined defined -> throw new IllegalStateException(defined + " is not imported");
    }
    out.u8(ExternKind.FUNCTION.code()).u32(function.type());
  }

  private void writeFunctionTypes(BinaryWriter out, int pagesType) {
    List<FunctionType> guards = layout.guards().types();
    out.u32(layout.functions().size() + 1 + guards.size());
    layout.functions().forEach(function -> out.u32(layout.type(graph.type(function))));
    out.u32(pagesType);
    guards.forEach(type -> out.u32(layout.type(type)));
  }

  private void writeGlobals(BinaryWriter out) {
    boolean guarded = !layout.guards().isEmpty();
    out.u32(layout.globals().size() + (guarded ? GuardCode.GLOBALS : 0));
    layout.globals().forEach(global -> writeGlobal(out, global));
    if (guarded) {
      GuardCode.writeGlobals(out);
    }
  }

  private void writeGlobal(BinaryWriter out, Defined global) {
    Global definition = atInstantiation.definition(global);
    out.slice(definition.type());
    OptionalLong value = atInstantiation.global(global);
    if (value.isPresent()) {
      new Constant(definition.valueType(), value.getAsLong()).writeExpression(out);
    } else {
      Slice expression = definition.value();
      InstructionCursor code = new InstructionCursor(expression.reader());
      FunctionBody.rewrite(expression, code, layout.indices(global.instance()), out);
    }
  }

  private void writeExports(BinaryWriter out, Map<Integer, Defined> needed, int pagesFunction) {
    Map<Integer, String> names = new TreeMap<>(); // by index in the merged module
    needed.forEach((coreFunction, function) -> {
      int index = layout.function(function);
      String name = names.computeIfAbsent(index, i -> "function-" + coreFunction);
      exports.put(coreFunction, name);
    });
    out.u32(names.size() + 2);
    out.name(MergedModule.MEMORY).u8(ExternKind.MEMORY.code()).u32(0);
    out.name(MergedModule.MEMORY_PAGES).u8(ExternKind.FUNCTION.code()).u32(pagesFunction);
    names.forEach((index, name) -> out.name(name).u8(ExternKind.FUNCTION.code()).u32(index));
  }

  private void writeElements(BinaryWriter out) {
    List<Integer> instances = graph.merged();
    int count = instances.stream().mapToInt(i -> graph.module(i).elements().size()).sum();
    out.u32(count + 1);
    for (int instance : instances) {
      graph.module(instance).elements().forEach(segment -> writeElement(out, instance, segment));
    }
    // Instructions may only take references of functions that are declared.
    out.u32(DECLARED).u8(FUNCTION_ELEMENTS);
    out.vector(live.referenced(), (to, function) -> to.u32(layout.function(function)));
  }

  private void writeElement(BinaryWriter out, int instance, ElementSegment segment) {
    IndexMap indices = layout.indices(instance);
    switch (segment.placement()) {
      case Placement.Active(int table, Slice offset) -> {
        indices.map(IndexSpace.TABLE, table);
        out.u32(ACTIVE);
        Constant.i32(atInstantiation.offset(instance, offset)).writeExpression(out);
      }
      case Placement.Passive passive -> out.u32(PASSIVE).u8(FUNCTION_ELEMENTS);
      case Placement.Declared declared -> out.u32(DECLARED).u8(FUNCTION_ELEMENTS);
    }
    out.vector(
        segment.functions(), (to, function) -> to.u32(indices.map(IndexSpace.FUNCTION, function)));
  }

  private int dataSegments() {
    return graph.merged().stream().mapToInt(i -> graph.module(i).data().size()).sum();
  }

  private void writeData(BinaryWriter out) {
    out.u32(dataSegments());
    for (int instance : graph.merged()) {
      graph.module(instance).data().forEach(segment -> writeData(out, instance, segment));
    }
  }

  private void writeData(BinaryWriter out, int instance, DataSegment segment) {
    if (segment.placement() instanceof Placement.Active(int memory, Slice offset)) {
      layout.indices(instance).map(IndexSpace.MEMORY, memory);
      out.u32(ACTIVE);
      Constant.i32(atInstantiation.offset(instance, offset)).writeExpression(out);
    } else {
      out.u32(PASSIVE);
    }
    out.u32(segment.bytes().size()).slice(segment.bytes());
  }

  private void writeCode(BinaryWriter out) {
    out.u32(layout.functions().size() + 1 + layout.guards().types().size());
    for (Defined function : layout.functions()) {
      Slice body = graph.body(function);
      IndexMap indices = layout.indices(function.instance());
      out.sized(to -> FunctionBody.rewrite(body, FunctionBody.instructions(body), indices, to));
    }
    out.sized(to -> to.u32(0).u8(Opcode.MEMORY_SIZE).u32(0).u8(Opcode.END));
    layout.guards().writeBodies(out, layout);
  }

  private void writeNames(BinaryWriter out, int pagesFunction) {
    Map<Integer, String> names = new TreeMap<>();
    for (Defined function : layout.functions()) {
      CoreModule module = definition(function);
      int index = module.imports(ExternKind.FUNCTION).size() + function.index();
      @Nullable String name = module.functionNames().get(index);
      if (name != null) {
        names.put(layout.function(function), name);
      }
    }
    names.put(pagesFunction, MergedModule.MEMORY_PAGES);
    for (Entity guarded : layout.guards().guarded()) {
      names.put(layout.function(guarded), layout.guards().nameOf(guarded));
    }
    out.name("name").u8(1);
    out.sized(to ->
        to.vector(names.entrySet(), (w, entry) -> w.u32(entry.getKey()).name(entry.getValue())));
  }
}
