package dev.capsule.wasmtime;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What components may import. A linker is filled by one thread, then may be used by many; after the
 * first instantiation it does not change. Fewer definitions make instantiation faster.
 */
public final class Linker extends NativeObject {
  private final Engine engine;
  private final Api api;
  private boolean wasi;
  private volatile boolean frozen;

  /** Makes a linker without definitions. */
  public Linker(Engine engine) {
    super("linker", create(engine));
    this.engine = engine;
    api = engine.wasmtime().api();
    api.linkerAllowShadowing.run(borrowed(), true);
  }

  private static long create(Engine engine) {
    long pointer = engine.borrow();
    try {
      return engine.wasmtime().api().linkerNew.get(pointer);
    } finally {
      engine.giveBack();
    }
  }

  /**
   * Defines all interfaces of WASI 0.2 (but not {@code wasi:http}), without any rights: those come
   * with {@link Store#setWasi}. A guest that sleeps or polls blocks its thread and cannot be
   * interrupted; {@link #define} can replace the instances by which it would.
   */
  public synchronized Linker addWasi() {
    long pointer = change();
    try {
      engine.wasmtime().errors().check(api.linkerAddWasi.get(pointer));
      wasi = true;
      return this;
    } finally {
      giveBack();
    }
  }

  /**
   * Defines one imported instance, in place of any instance of the same name with all its
   * functions.
   *
   * @param instanceName for example {@code wasi:clocks/monotonic-clock@0.2.0}, of exactly the
   *     version that the component imports; or "" for functions that are imported by themselves
   * @param functions by their names in the instance
   */
  public synchronized Linker define(
      String instanceName, Map<String, ? extends HostFunction> functions) {
    long pointer = change();
    try (Arena arena = Arena.ofConfined()) {
      long root = api.linkerRoot.get(pointer);
      try {
        if (instanceName.isEmpty()) {
          addFunctions(arena, root, "", functions);
          return this;
        }
        Name name = Name.of(arena, instanceName);
        long out = arena.allocate(8, 8).address();
        engine
            .wasmtime()
            .errors()
            .check(api.linkerInstanceAddInstance.get(root, name.address, name.size, out));
        long instance = Memory.getLong(out);
        try {
          addFunctions(arena, instance, instanceName + "#", functions);
        } finally {
          api.linkerInstanceDelete.run(instance);
        }
      } finally {
        api.linkerInstanceDelete.run(root);
      }
      return this;
    } finally {
      giveBack();
    }
  }

  private void addFunctions(
      Arena arena, long instance, String prefix, Map<String, ? extends HostFunction> functions) {
    Wasmtime wasmtime = engine.wasmtime();
    Callbacks callbacks = wasmtime.callbacks();
    functions.forEach((functionName, function) -> {
      HostCall call =
          new HostCall(prefix + functionName, function, wasmtime.values(), wasmtime.errors());
      Name name = Name.of(arena, functionName);
      // The library calls the finalizer also if it refuses the definition.
      wasmtime
          .errors()
          .check(
              api.linkerInstanceAddFunc.get(
                  instance,
                  name.address,
                  name.size,
                  callbacks.hostFunctionStub(),
                  callbacks.register(call),
                  callbacks.releaseStub()));
    });
  }

  private long change() {
    if (frozen) {
      throw new IllegalStateException("the linker is in use and cannot change any more");
    }
    return borrow();
  }

  /** Borrows the linker and ends its changes. */
  long borrowFrozen() {
    if (!frozen) {
      synchronized (this) {
        frozen = true;
      }
    }
    return borrow();
  }

  /** Whether components linked by it call WASI. */
  boolean hasWasi() {
    return wasi;
  }

  Engine engine() {
    return engine;
  }

  @Override
  void free(long pointer) {
    api.linkerDelete.run(pointer);
  }

  private record Name(long address, long size) {
    static Name of(Arena arena, String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      long address = arena.allocate(Math.max(1, utf8.length)).address();
      Memory.putBytes(address, utf8);
      return new Name(address, utf8.length);
    }
  }
}
