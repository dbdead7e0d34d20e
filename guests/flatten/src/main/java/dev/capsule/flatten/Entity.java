package dev.capsule.flatten;

import java.util.Comparator;

/** What a name or an index finally stands for, through all imports, exports, aliases and bags. */
sealed interface Entity {
  /**
   * Defined by the module of a core instance.
   *
   * @param index among the module's own definitions of the kind, imports not counted
   */
  record Defined(ExternKind kind, int instance, int index) implements Entity, Comparable<Defined> {
    private static final Comparator<Defined> ORDER =
        Comparator.comparing(Defined::kind)
            .thenComparingInt(Defined::instance)
            .thenComparingInt(Defined::index);

    @Override
    public int compareTo(Defined other) {
      return ORDER.compare(this, other);
    }
  }

  /** A lowered function or a resource's built-in, by its index among the core functions. */
  record Builtin(int coreFunction) implements Entity {}

  /** An export of the shim. */
  record ShimExport(String name) implements Entity {}
}
