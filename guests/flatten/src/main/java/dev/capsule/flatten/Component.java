package dev.capsule.flatten;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A component, read as far as its core part goes. The core index spaces are in the order of the
 * file; whatever an entry refers to comes before it.
 *
 * @param functions the core functions
 * @param tables the core tables; like memories and globals, exports of instances
 * @param parts the component level, without the core part, in the order of the file
 * @param typeNames the types that the component level has at its end: what they are imported as
 * @param functionNames its functions likewise
 * @param exports the names of its exports
 */
record Component(
    List<CoreModule> modules,
    List<CoreInstance> instances,
    List<CoreFunction> functions,
    List<InstanceExport> tables,
    List<InstanceExport> memories,
    List<InstanceExport> globals,
    List<Part> parts,
    List<ImportName> typeNames,
    List<ImportName> functionNames,
    Set<String> exports) {

  sealed interface CoreInstance {
    /** A module; {@code arguments} gives the instance that each imported module name stands for. */
    record Instantiation(int module, Map<String, Integer> arguments) implements CoreInstance {}

    /** Names for things that other instances export. */
    record Bag(Map<String, CoreModule.Export> exports) implements CoreInstance {}
  }

  sealed interface CoreFunction {
    /** A function that an instance exports. */
    record Alias(InstanceExport export) implements CoreFunction {}

    /** A lowered function or a resource's built-in. */
    record Builtin(Canonical canonical) implements CoreFunction {}
  }

  record InstanceExport(int instance, String name) {}

  /** A piece of the component level. */
  sealed interface Part {
    /** A section that stays as it is. */
    record Section(int id, Slice content) implements Part {}

    /** Aliases of things at component level. */
    record Aliases(List<Slice> entries) implements Part {}

    /** Lifted functions. */
    record Lifts(List<Canonical.Lift> lifts) implements Part {}
  }

  /** All lifted functions. */
  List<Canonical.Lift> lifts() {
    return parts.stream()
        .flatMap(part -> part instanceof Part.Lifts lifts ? lifts.lifts().stream() : null)
        .toList();
  }

  /** What a lowered function or a resource's built-in is imported as; none for an alias. */
  ImportName nameOf(int coreFunction) {
    return switch (Checked.get(functions, coreFunction, "core function")) {
      case CoreFunction.Builtin(Canonical.Lower(int function, List<Canonical.Option> options)) ->
          Checked.get(functionNames, function, "function");
      case CoreFunction.Builtin(Canonical.Resource(int code, int type)) ->
          Checked.get(typeNames, type, "type");
      case CoreFunction.Builtin(Canonical.Lift lift) -> ImportName.NONE;
      case CoreFunction.Alias alias -> ImportName.NONE;
    };
  }

  /** The exports that an index space of the core part consists of; not for functions. */
  List<InstanceExport> exportsOf(ExternKind kind) {
    return switch (kind) {
      case TABLE -> tables;
      case MEMORY -> memories;
      case GLOBAL -> globals;
      case FUNCTION -> throw new IllegalArgumentException("not all core functions are exports");
    };
  }
}
