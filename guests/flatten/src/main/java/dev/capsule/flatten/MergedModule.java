package dev.capsule.flatten;

import java.util.List;
import java.util.Map;

/**
 * The module that the others became.
 *
 * @param builtins the core functions that it imports under {@link #BUILTINS}, by their index
 * @param exports by the index of a core function of the component: the name that the module exports
 *     it under
 */
record MergedModule(Slice bytes, List<Integer> builtins, Map<Integer, String> exports) {
  /** Module name of the imports that are the shim's functions. */
  static final String SHIM = "shim";

  /** Module name of the imports that are built-ins or lowered functions which need no memory. */
  static final String BUILTINS = "builtin";

  /** Name of the exported memory. */
  static final String MEMORY = "memory";

  /** Name of the exported function that tells the memory's size in pages of 64 KiB. */
  static final String MEMORY_PAGES = "memory-pages";
}
