package dev.capsule.flatten;

import java.util.List;
import java.util.Map;

/**
 * A core module, read but not interpreted. Lists are in the order of the file; except for {@link
 * #exports}, whose indices count imports first, they hold what the module itself defines.
 *
 * @param source the whole module
 * @param imports by kind; those of a kind come first in its index space
 * @param functions the index of each function's type
 * @param tables type and limits of each table
 * @param memories limits of each memory
 * @param hasStart whether it runs a function when it is instantiated
 * @param bodies locals and instructions of each function
 * @param functionNames by function index; for debugging only
 */
record CoreModule(
    Slice source,
    List<FunctionType> types,
    Map<ExternKind, List<Import>> imports,
    List<Integer> functions,
    List<Slice> tables,
    List<Slice> memories,
    List<Global> globals,
    Map<String, Export> exports,
    boolean hasStart,
    List<ElementSegment> elements,
    List<DataSegment> data,
    List<Slice> bodies,
    Map<Integer, String> functionNames) {

  /** {@code type} is the index of a function's type, and 0 for all else. */
  record Import(String module, String name, ExternKind kind, int type) {}

  record Export(ExternKind kind, int index) {}

  /**
   * @param valueType its code
   * @param type its value type and mutability, as they are in the file
   * @param value a constant expression
   */
  record Global(int valueType, Slice type, Slice value) {}

  record ElementSegment(Placement placement, List<Integer> functions) {}

  record DataSegment(Placement placement, Slice bytes) {}

  /** What becomes of a segment at instantiation. */
  sealed interface Placement {
    /** Copied into a table or memory; {@code offset} is a constant expression. */
    record Active(int target, Slice offset) implements Placement {}

    /** Kept for the init instructions. */
    record Passive() implements Placement {}

    /** Nothing: it only declares which functions may be referred to. */
    record Declared() implements Placement {}
  }

  List<Import> imports(ExternKind kind) {
    return imports.getOrDefault(kind, List.of());
  }

  /** How many of a kind the module itself defines. */
  int defined(ExternKind kind) {
    return switch (kind) {
      case FUNCTION -> functions.size();
      case TABLE -> tables.size();
      case MEMORY -> memories.size();
      case GLOBAL -> globals.size();
    };
  }

  /** The size of an index space: imports, then definitions. */
  int count(ExternKind kind) {
    return imports(kind).size() + defined(kind);
  }

  /** The type of a function that the module defines. */
  FunctionType typeOfDefined(int function) {
    return type(Checked.get(functions, function, "function"));
  }

  FunctionType type(int index) {
    return Checked.get(types, index, "type");
  }
}
