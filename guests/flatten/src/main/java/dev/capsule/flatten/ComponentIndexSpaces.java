package dev.capsule.flatten;

import java.util.HashSet;
import java.util.Set;

/**
 * Counts the types and functions of the component level, because what is added at the end must know
 * its own indices. Sections are read only as far as that takes.
 */
final class ComponentIndexSpaces {
  private int types;
  private int functions;
  private final Set<String> exports = new HashSet<>();

  int types() {
    return types;
  }

  int functions() {
    return functions;
  }

  /** The names of the component's exports. */
  Set<String> exports() {
    return exports;
  }

  void addFunction() {
    functions++;
  }

  /** Counts a section of types, imports, exports or instances. */
  void count(int section, BinaryReader in) {
    switch (section) {
      case ComponentSection.TYPE -> types += in.u32();
      case ComponentSection.IMPORT -> in.vector(this::imported);
      case ComponentSection.EXPORT -> in.vector(this::exported);
      default -> {} // instances have an index space of their own
    }
  }

  /** Reads an alias whose sort has been read, and returns it whole. */
  Slice alias(int sort, BinaryReader in, int start) {
    item(sort, start);
    int target = in.u8();
    switch (target) {
      case 0x00 -> { // export of an instance
        in.u32();
        in.name();
      }
      case 0x02 -> { // of an enclosing component
        in.u32();
        in.u32();
      }
      default -> throw FlattenException.at(start, "unsupported alias");
    }
    return in.since(start);
  }

  private boolean imported(BinaryReader in) {
    externName(in);
    item(externDescription(in), in.position());
    return true;
  }

  private boolean exported(BinaryReader in) {
    int start = in.position();
    exports.add(externName(in));
    item(in.u8(), start);
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

  private void item(int sort, int at) {
    switch (sort) {
      case ComponentSection.FUNCTION_SORT -> functions++;
      case ComponentSection.TYPE_SORT -> types++;
      case ComponentSection.COMPONENT_SORT, ComponentSection.INSTANCE_SORT -> {}
      default ->
          throw FlattenException.at(
              at, "unsupported sort 0x%02x at component level".formatted(sort));
    }
  }
}
