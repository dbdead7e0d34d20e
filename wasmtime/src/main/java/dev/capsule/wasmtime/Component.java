package dev.capsule.wasmtime;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Compiled code. A component may be used by many threads and instantiated many times; its instances
 * keep the code alive after it is closed, but its {@link Export}s end with it.
 */
public final class Component extends NativeObject {
  private final Engine engine;
  private final Api api;
  private final List<Export> exports = new ArrayList<>();

  private Component(Engine engine, long pointer) {
    super("component", pointer);
    this.engine = engine;
    api = engine.wasmtime().api();
  }

  /**
   * Compiles a component, on as many threads as there are cores.
   *
   * @param wasm a component in binary form; see {@link Wasmtime#wat}
   * @throws WasmtimeException if it is not a valid component
   */
  public static Component compile(Engine engine, byte[] wasm) {
    if (wasm.length < 8 || wasm[0] != 0 || wasm[1] != 'a' || wasm[2] != 's' || wasm[3] != 'm') {
      // Wasmtime would try to read it as text.
      throw new WasmtimeException("not a WebAssembly binary");
    }
    Api api = engine.wasmtime().api();
    long pointer = engine.borrow();
    try (Arena arena = Arena.ofConfined()) {
      long bytes = arena.allocate(wasm.length).address();
      Memory.putBytes(bytes, wasm);
      long out = arena.allocate(8, 8).address();
      engine.wasmtime().errors().check(api.componentNew.get(pointer, bytes, wasm.length, out));
      return new Component(engine, Memory.getLong(out));
    } finally {
      engine.giveBack();
    }
  }

  /**
   * Maps a file that holds what {@link #serialize} returned. The file is native code: the caller
   * must have made sure that it is unchanged (a hash), since only its header is checked here. It
   * must not change while the component, or an instance of it, lives.
   *
   * @throws WasmtimeException if it cannot be read, or comes from another version of Wasmtime,
   *     another configuration, or a machine with other features
   */
  public static Component loadSerialized(Engine engine, Path file) {
    Api api = engine.wasmtime().api();
    long pointer = engine.borrow();
    try (Arena arena = Arena.ofConfined()) {
      String path = Check.noNul("path", file.toAbsolutePath().toString());
      long out = arena.allocate(8, 8).address();
      engine
          .wasmtime()
          .errors()
          .check(
              api.componentDeserializeFile.get(pointer, arena.allocateFrom(path).address(), out));
      return new Component(engine, Memory.getLong(out));
    } finally {
      engine.giveBack();
    }
  }

  /** The compiled code, for {@link #loadSerialized}. */
  public byte[] serialize() {
    long pointer = borrow();
    try (Arena arena = Arena.ofConfined()) {
      long vec = arena.allocate(Memory.VEC, 8).address();
      engine.wasmtime().errors().check(api.componentSerialize.get(pointer, vec));
      return engine.wasmtime().takeBytes(vec);
    } finally {
      giveBack();
    }
  }

  /**
   * Looks up an export.
   *
   * @param path its name, after those of the instances that it is in
   * @throws WasmtimeException if there is none of that name
   */
  public Export export(String... path) {
    if (path.length == 0) {
      throw new IllegalArgumentException("an export has a name");
    }
    long pointer = borrow();
    try (Arena arena = Arena.ofConfined()) {
      long parent = 0;
      for (String name : path) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        long text = arena.allocate(Math.max(1, utf8.length)).address();
        Memory.putBytes(text, utf8);
        long index = api.componentExport.get(pointer, parent, text, (long) utf8.length);
        if (parent != 0) {
          api.exportDelete.run(parent);
        }
        if (index == 0) {
          throw new WasmtimeException("the component has no export " + String.join(" / ", path));
        }
        parent = index;
      }
      Export export = new Export(this, String.join(" / ", path), parent);
      synchronized (exports) {
        exports.add(export);
      }
      return export;
    } finally {
      giveBack();
    }
  }

  Engine engine() {
    return engine;
  }

  @Override
  void free(long pointer) {
    synchronized (exports) {
      for (Export export : exports) {
        api.exportDelete.run(export.pointer());
      }
      exports.clear();
    }
    api.componentDelete.run(pointer);
  }
}
