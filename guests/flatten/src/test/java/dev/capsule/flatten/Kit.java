package dev.capsule.flatten;

import dev.capsule.wasmtime.Component;
import dev.capsule.wasmtime.Engine;
import dev.capsule.wasmtime.EngineConfig;
import dev.capsule.wasmtime.HostFunction;
import dev.capsule.wasmtime.Instance;
import dev.capsule.wasmtime.Linker;
import dev.capsule.wasmtime.Store;
import dev.capsule.wasmtime.Threads;
import dev.capsule.wasmtime.Val;
import dev.capsule.wasmtime.Wasmtime;
import dev.capsule.wasmtime.WasmtimeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.function.Function;

/** Makes components out of text and runs them. */
final class Kit {
  private static final HostFunction GREET =
      (store, args) -> new Val.Str("Hello, " + ((Val.Str) args.getFirst()).value());
  private static final HostFunction NOW = (store, args) -> new Val.U64(7);

  private static final EngineConfig CONFIG =
      new EngineConfig(false, false, EngineConfig.DEFAULT_WASM_STACK_BYTES, null);

  private static final class Loaded {
    static final Wasmtime WASMTIME = Wasmtime.load(library());
  }

  private Kit() {}

  private static Path library() {
    Path home = Path.of(Objects.requireNonNull(System.getProperty("capsule.home"), "capsule.home"));
    Path library = home.resolve("native").resolve(System.mapLibraryName("wasmtime"));
    if (!Files.exists(library)) {
      throw new AssertionError(library + " is missing: run ./capsule build");
    }
    return library;
  }

  static byte[] assemble(String text) {
    return Loaded.WASMTIME.wat(text);
  }

  static String resource(String name) {
    try (InputStream in = Objects.requireNonNull(Kit.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The text of the component that all tests start from. */
  static String linked() {
    return resource("linked.wat");
  }

  /** That text with something in the place of a mark. */
  static String linkedWith(String mark, String text) {
    return replace(";;@" + mark + "\n", text + "\n");
  }

  /** That text with something else in the place of what occurs in it exactly once. */
  static String replace(String old, String text) {
    String linked = linked();
    if (linked.indexOf(old) < 0 || linked.indexOf(old) != linked.lastIndexOf(old)) {
      throw new AssertionError("not exactly once: " + old);
    }
    return linked.replace(old, text);
  }

  static byte[] flatten(byte[] component) {
    return Flatten.flatten(component).component().toByteArray();
  }

  /** Whether Wasmtime takes these bytes for a component. */
  static boolean isValid(byte[] wasm) {
    try (Engine engine = new Engine(Loaded.WASMTIME, CONFIG)) {
      Component.compile(engine, wasm).close();
      return true;
    } catch (WasmtimeException e) {
      return false;
    }
  }

  /** An instance whose exports are called by name. */
  record Guest(Component component, Instance instance) {
    Object call(String export, Val... args) {
      return Objects.requireNonNull(instance.call(component.export(export), args), export);
    }

    /** Calls what has no result. */
    void run(String export) {
      var _ = instance.call(component.export(export));
    }

    int number(String export, int... args) {
      Val[] values = Arrays.stream(args).mapToObj(Val.U32::new).toArray(Val[]::new);
      return Math.toIntExact(((Val.U32) call(export, values)).value());
    }

    /** What is in its memory, unsigned. */
    int word(int at) {
      return (int) ((Val.U32) call("word", new Val.U32(at))).value();
    }
  }

  /** Compiles a component, makes one instance of it, and lets it be used. */
  static <T> T run(byte[] wasm, Function<Guest, T> use) throws Exception {
    return run(wasm, Map.of(), use);
  }

  /** The same with more functions of the host, by their interfaces and names. */
  static <T> T run(byte[] wasm, Map<String, Map<String, HostFunction>> host, Function<Guest, T> use)
      throws Exception {
    FutureTask<T> task =
        new FutureTask<>(() -> {
          try (Engine engine = new Engine(Loaded.WASMTIME, CONFIG);
              Component component = Component.compile(engine, wasm);
              Linker linker = new Linker(engine);
              Store store = new Store(engine)) {
            linker.define("test:flat/host", Map.of("greet", GREET, "now", NOW));
            host.forEach(linker::define);
            return use.apply(new Guest(component, store.instantiate(linker, component)));
          }
        });
    Threads.platform("guest", task).start();
    return task.get();
  }
}
