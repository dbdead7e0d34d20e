package dev.capsule.flatten;

/**
 * A component within the component. {@code wit-component} makes one for each exported interface; it
 * holds types only and stays as it is. One with core parts could refer to the core modules outside,
 * whose indices change.
 */
final class NestedComponent {
  private static final int MAX_DEPTH = 100;

  private NestedComponent() {}

  static void requireSelfContained(BinaryReader in) {
    requireSelfContained(in, 0);
  }

  private static void requireSelfContained(BinaryReader in, int depth) {
    if (depth > MAX_DEPTH) {
      throw in.error("components are nested too deeply");
    }
    for (byte b : ComponentSection.PREAMBLE) {
      in.expect(b, "nested component");
    }
    while (!in.atEnd()) {
      int at = in.position();
      int id = in.u8();
      BinaryReader content = in.sized().reader();
      switch (id) {
        case ComponentSection.CUSTOM,
            ComponentSection.INSTANCE,
            ComponentSection.TYPE,
            ComponentSection.IMPORT,
            ComponentSection.EXPORT -> {}
        case ComponentSection.COMPONENT -> requireSelfContained(content, depth + 1);
        case ComponentSection.ALIAS ->
            content.vector(r -> {
              int start = r.position();
              return new ComponentIndexSpaces().alias(r.u8(), r, start);
            });
        default ->
            throw FlattenException.at(
                at, "unsupported section %d in a nested component".formatted(id));
      }
    }
  }
}
