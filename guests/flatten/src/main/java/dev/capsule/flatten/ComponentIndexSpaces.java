package dev.capsule.flatten;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The types and functions of the component level: how many there are, because what is added at the
 * end must know its own indices, and what those that are imported are called, because some are
 * guarded. Sections are read only as far as that takes.
 */
final class ComponentIndexSpaces {
  private final List<ImportName> types = new ArrayList<>();
  private final List<ImportName> functions = new ArrayList<>();
  private final List<String> instances = new ArrayList<>();
  private final Set<String> exports = new HashSet<>();

  /** By index; {@link ImportName#NONE} for what is not imported. */
  List<ImportName> types() {
    return types;
  }

  /** By index; {@link ImportName#NONE} for what is not imported. */
  List<ImportName> functions() {
    return functions;
  }

  /** The names of the component's exports. */
  Set<String> exports() {
    return exports;
  }

  void addFunction() {
    functions.add(ImportName.NONE);
  }

  /** Counts a section of types, imports, exports or instances. */
  void count(int section, BinaryReader in) {
    switch (section) {
      case ComponentSection.TYPE -> types.addAll(Collections.nCopies(in.u32(), ImportName.NONE));
      case ComponentSection.IMPORT -> in.vector(this::imported);
      case ComponentSection.EXPORT -> in.vector(this::exported);
      case ComponentSection.INSTANCE -> instances.addAll(Collections.nCopies(in.u32(), ""));
      default -> throw new IllegalArgumentException("no items in section " + section);
    }
  }

  /** Reads an alias whose sort has been read, and returns it whole. */
  Slice alias(int sort, BinaryReader in, int start) {
    int target = in.u8();
    switch (target) {
      case 0x00 -> { // export of an instance
        String instance = Checked.get(instances, in.u32(), "instance");
        String name = in.name();
        item(sort, start, instance.isEmpty() ? ImportName.NONE : new ImportName(instance, name));
      }
      case 0x02 -> { // of an enclosing component
        in.u32();
        in.u32();
        item(sort, start, ImportName.NONE);
      }
      default -> throw FlattenException.at(start, "unsupported alias");
    }
    return in.since(start);
  }

  private boolean imported(BinaryReader in) {
    String name = externName(in);
    int sort = externDescription(in);
    if (sort == ComponentSection.INSTANCE_SORT) {
      instances.add(name);
    } else {
      item(sort, in.position(), new ImportName("", name));
    }
    return true;
  }

  private boolean exported(BinaryReader in) {
    int start = in.position();
    exports.add(externName(in));
    item(in.u8(), start, ImportName.NONE);
    in.u32();
    if (in.u8() != 0) {
      externDescription(in);
    }
    return true;
  }

  private static String externName(BinaryReader in) {
    in.expect(0x00, "name of an import or export");
    return in.name();
  }

  /** Returns the sort. */
  private static int externDescription(BinaryReader in) {
    int sort = in.u8();
    if (sort != ComponentSection.TYPE_SORT || in.u8() == 0x00) {
      in.u32(); // its type, or the type that it equals
    }
    return sort;
  }

  private void item(int sort, int at, ImportName name) {
    switch (sort) {
      case ComponentSection.FUNCTION_SORT -> functions.add(name);
      case ComponentSection.TYPE_SORT -> types.add(name);
      case ComponentSection.INSTANCE_SORT -> instances.add("");
      case ComponentSection.COMPONENT_SORT -> {}
      default ->
          throw FlattenException.at(
              at, "unsupported sort 0x%02x at component level".formatted(sort));
    }
  }
}
