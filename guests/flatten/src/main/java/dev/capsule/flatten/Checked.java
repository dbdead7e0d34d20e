package dev.capsule.flatten;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Look-ups with indices and names that come out of the input. */
final class Checked {
  private Checked() {}

  static <T> T get(List<? extends T> list, int index, String what) {
    if (index < 0 || index >= list.size()) {
      throw new FlattenException("there is no %s %d among %d".formatted(what, index, list.size()));
    }
    return list.get(index);
  }

  static <T> T get(Map<String, T> map, String name, String what) {
    @Nullable T value = map.get(name);
    if (value == null) {
      throw new FlattenException("there is no %s \"%s\"".formatted(what, name));
    }
    return value;
  }
}
