package dev.capsule.flatten;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** For the code of one instance: the merged module's indices in the place of its own. */
final class IndexMap {
  private static final int NONE = -1;

  private final int instance;
  private final Map<IndexSpace, int[]> indices = new EnumMap<>(IndexSpace.class);
  private final Map<Integer, Constant> constants = new HashMap<>();

  IndexMap(int instance) {
    this.instance = instance;
  }

  /** Makes room for {@code size} indices, none of which is mapped yet. */
  void space(IndexSpace space, int size) {
    int[] map = new int[size];
    Arrays.fill(map, NONE);
    indices.put(space, map);
  }

  void put(IndexSpace space, int from, int to) {
    of(space)[from] = to;
  }

  /** A global that is no more: what it holds is known. */
  void put(int global, Constant value) {
    constants.put(global, value);
  }

  /** The value of a global, if that is known. */
  @Nullable Constant constant(int global) {
    return constants.get(global);
  }

  int map(IndexSpace space, int index) {
    int[] map = of(space);
    if (index >= map.length || map[index] == NONE) {
      throw new FlattenException(
          "core instance %d uses %s %d, which does not become part of the merged module"
              .formatted(instance, space, index));
    }
    return map[index];
  }

  private int[] of(IndexSpace space) {
    int @Nullable [] map = indices.get(space);
    if (map == null) {
      throw new IllegalStateException("no indices for " + space);
    }
    return map;
  }
}
