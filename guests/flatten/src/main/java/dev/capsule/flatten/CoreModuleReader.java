package dev.capsule.flatten;

import dev.capsule.flatten.CoreModule.DataSegment;
import dev.capsule.flatten.CoreModule.ElementSegment;
import dev.capsule.flatten.CoreModule.Export;
import dev.capsule.flatten.CoreModule.Global;
import dev.capsule.flatten.CoreModule.Import;
import dev.capsule.flatten.CoreModule.Placement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a core module; stops at what {@link CoreModule} cannot hold. */
final class CoreModuleReader {
  private static final int FUNCREF_ELEMENTS = 0;
  private static final int FUNCTION_NAMES = 1;

  private final Slice source;
  private List<FunctionType> types = List.of();
  private final Map<ExternKind, List<Import>> imports = new EnumMap<>(ExternKind.class);
  private List<Integer> functions = List.of();
  private List<Slice> tables = List.of();
  private List<Slice> memories = List.of();
  private final List<Global> globals = new ArrayList<>();
  private final Map<String, Export> exports = new LinkedHashMap<>();
  private boolean hasStart;
  private List<ElementSegment> elements = List.of();
  private List<DataSegment> data = List.of();
  private List<Slice> bodies = List.of();
  private final Map<Integer, String> functionNames = new LinkedHashMap<>();

  private CoreModuleReader(Slice source) {
    this.source = source;
  }

  static CoreModule read(Slice source) {
    return new CoreModuleReader(source).read();
  }

  private CoreModule read() {
    BinaryReader in = source.reader();
    in.expect(0, "core module");
    in.expect('a', "core module");
    in.expect('s', "core module");
    in.expect('m', "core module");
    for (int b : new int[] {1, 0, 0, 0}) {
      in.expect(b, "version of a core module");
    }
    while (!in.atEnd()) {
      int at = in.position();
      int id = in.u8();
      BinaryReader content = in.sized().reader();
      section(id, content, at);
    }
    if (functions.size() != bodies.size()) {
      throw in.error("%d functions but %d bodies".formatted(functions.size(), bodies.size()));
    }
    return new CoreModule(
        source,
        types,
        imports,
        functions,
        tables,
        memories,
        globals,
        exports,
        hasStart,
        elements,
        data,
        bodies,
        functionNames);
  }

  private void section(int id, BinaryReader in, int at) {
    switch (id) {
      case 0 -> {
        custom(in);
        return; // its rest does not matter
      }
      case 1 -> types = in.vector(FunctionType::read);
      case 2 -> in.vector(CoreModuleReader::readImport).forEach(this::add);
      case 3 -> functions = in.vector(BinaryReader::u32);
      case 4 -> tables = in.vector(CoreModuleReader::tableType);
      case 5 -> memories = in.vector(CoreModuleReader::limits);
      case 6 -> in.vector(r -> globals.add(global(r)));
      case 7 -> in.vector(this::export);
      case 8 -> {
        in.u32();
        hasStart = true;
      }
      case 9 -> elements = in.vector(CoreModuleReader::element);
      case 10 -> bodies = in.vector(BinaryReader::sized);
      case 11 -> data = in.vector(CoreModuleReader::dataSegment);
      case 12 -> in.u32(); // data count: follows from the data section
      default ->
          throw FlattenException.at(at, "unsupported section %d in a core module".formatted(id));
    }
    in.expectEnd("section " + id);
  }

  private void add(Import item) {
    imports.computeIfAbsent(item.kind(), kind -> new ArrayList<>()).add(item);
  }

  private static Import readImport(BinaryReader in) {
    String module = in.name();
    String name = in.name();
    ExternKind kind = ExternKind.read(in);
    int type = 0;
    switch (kind) {
      case FUNCTION -> type = in.u32();
      case TABLE -> tableType(in);
      case MEMORY -> limits(in);
      case GLOBAL -> globalType(in);
    }
    return new Import(module, name, kind, type);
  }

  private boolean export(BinaryReader in) {
    int at = in.position();
    String name = in.name();
    if (exports.put(name, new Export(ExternKind.read(in), in.u32())) != null) {
      throw FlattenException.at(at, "\"%s\" is exported twice".formatted(name));
    }
    return true;
  }

  private static Slice tableType(BinaryReader in) {
    int start = in.position();
    ValueType.readReference(in);
    limits(in);
    return in.since(start);
  }

  private static Slice limits(BinaryReader in) {
    int start = in.position();
    int flags = in.u8();
    if (flags > 1) {
      throw FlattenException.at(start, "unsupported limits: shared or 64-bit memory or table");
    }
    for (int i = 0; i <= flags; i++) {
      in.skipNumber(32);
    }
    return in.since(start);
  }

  private static int globalType(BinaryReader in) {
    int valueType = ValueType.read(in);
    if (in.u8() > 1) {
      throw in.error("unsupported kind of global");
    }
    return valueType;
  }

  private Global global(BinaryReader in) {
    int start = in.position();
    int valueType = globalType(in);
    Slice type = in.since(start);
    return new Global(valueType, type, constant(in));
  }

  /** A constant expression, up to its end instruction. */
  private static Slice constant(BinaryReader in) {
    int start = in.position();
    InstructionCursor cursor = new InstructionCursor(in);
    while (cursor.next()) {
      if (cursor.isBlock()) {
        throw FlattenException.at(start, "block in a constant expression");
      }
    }
    return in.since(start);
  }

  private static ElementSegment element(BinaryReader in) {
    int at = in.position();
    int flags = in.u32();
    Placement placement =
        switch (flags) {
          case 0 -> new Placement.Active(0, constant(in));
          case 1 -> new Placement.Passive();
          case 2 -> new Placement.Active(in.u32(), constant(in));
          case 3 -> new Placement.Declared();
          default ->
              throw FlattenException.at(
                  at,
                  "unsupported element segment %d: its elements are expressions".formatted(flags));
        };
    if (flags != 0) {
      in.expect(FUNCREF_ELEMENTS, "kind of elements");
    }
    return new ElementSegment(placement, in.vector(BinaryReader::u32));
  }

  private static DataSegment dataSegment(BinaryReader in) {
    int at = in.position();
    Placement placement =
        switch (in.u32()) {
          case 0 -> new Placement.Active(0, constant(in));
          case 1 -> new Placement.Passive();
          case 2 -> new Placement.Active(in.u32(), constant(in));
          default -> throw FlattenException.at(at, "unsupported data segment");
        };
    return new DataSegment(placement, in.sized());
  }

  private void custom(BinaryReader in) {
    if (!in.name().equals("name")) {
      return;
    }
    while (!in.atEnd()) {
      int id = in.u8();
      BinaryReader names = in.sized().reader();
      if (id == FUNCTION_NAMES) {
        names.vector(r -> functionNames.put(r.u32(), r.name()) == null);
      }
    }
  }
}
