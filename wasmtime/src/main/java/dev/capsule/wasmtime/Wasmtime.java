package dev.capsule.wasmtime;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The native library. It stays loaded until the process ends, since its signal handlers do. Calls
 * into it need {@code --enable-native-access}.
 */
public final class Wasmtime {
  /** The version whose signatures, layouts and error texts this binding knows. */
  public static final String VERSION = "50.0.1";

  private final Api api;
  private final Errors errors;
  private final Values values;
  private final Callbacks callbacks;

  private Wasmtime(Api api) {
    this.api = api;
    errors = new Errors(api);
    values = new Values(api);
    callbacks = new Callbacks(api, errors);
  }

  /**
   * Loads the library.
   *
   * @param library path of {@code libwasmtime}, for example {@code libwasmtime.so}
   * @throws WasmtimeException if there is no such file, it cannot be loaded into this process, or
   *     it lacks a function of version {@value #VERSION}
   */
  public static Wasmtime load(Path library) {
    Path absolute = library.toAbsolutePath();
    if (!Files.isRegularFile(absolute)) {
      throw new WasmtimeException("no library at " + absolute);
    }
    SymbolLookup lookup;
    try {
      lookup = SymbolLookup.libraryLookup(absolute, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new WasmtimeException("cannot load " + absolute, e);
    }
    return new Wasmtime(new Api(lookup));
  }

  /**
   * Translates WebAssembly text, a module's or a component's, into its binary form.
   *
   * @throws WasmtimeException with line and column if the text is invalid
   */
  public byte[] wat(String text) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      long source = arena.allocate(utf8.length + 1L).address();
      Memory.putBytes(source, utf8);
      long vec = arena.allocate(Memory.VEC, 8).address();
      errors.check(api.wat2wasm.get(source, utf8.length, vec));
      return takeBytes(vec);
    }
  }

  /** Copies what a {@code wasm_byte_vec_t} holds and frees it. */
  byte[] takeBytes(long vec) {
    try {
      return Memory.vecBytes(vec);
    } finally {
      api.bytesDelete.run(vec);
    }
  }

  Api api() {
    return api;
  }

  Errors errors() {
    return errors;
  }

  Values values() {
    return values;
  }

  Callbacks callbacks() {
    return callbacks;
  }
}
