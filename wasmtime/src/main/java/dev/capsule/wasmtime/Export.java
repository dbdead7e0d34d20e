package dev.capsule.wasmtime;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/** Where a component's export is found; good for every instance of that component. */
public final class Export {
  /** Size of {@code wasmtime_component_valtype_t}. */
  private static final long VALTYPE = 16;

  private final Component component;
  private final String name;
  private final long pointer;

  /** Known after the first call; each thread would find the same. */
  private volatile @Nullable Signature signature;

  Export(Component component, String name, long pointer) {
    this.component = component;
    this.name = name;
    this.pointer = pointer;
  }

  /** How many parameters a function has, and whether it has a result. */
  record Signature(int parameters, boolean result) {}

  /** Its name, for messages. */
  public String name() {
    return name;
  }

  Component component() {
    return component;
  }

  long pointer() {
    return pointer;
  }

  /** The signature, of which {@code func} at {@code context} is one instance. */
  Signature signature(Api api, long func, long context) {
    Signature known = signature;
    if (known == null) {
      known = read(api, func, context);
      signature = known;
    }
    return known;
  }

  private static Signature read(Api api, long func, long context) {
    long type = api.funcType.get(func, context);
    try (Arena arena = Arena.ofConfined()) {
      long resultType = arena.allocate(VALTYPE, 8).address();
      boolean result = api.funcTypeResult.test(type, resultType);
      if (result) {
        api.valtypeDelete.run(resultType);
      }
      return new Signature(Math.toIntExact(api.funcTypeParamCount.get(type)), result);
    } finally {
      api.funcTypeDelete.run(type);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
