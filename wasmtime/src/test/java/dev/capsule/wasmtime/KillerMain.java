package dev.capsule.wasmtime;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Does one thing that would kill a JVM if it were not guarded, and prints what came of it. */
final class KillerMain {
  private static final int REPEAT = 50;

  private final Engine engine;
  private final Component tiny;

  private KillerMain(long wasmStackBytes) {
    engine = new Engine(Kit.wasmtime(), new EngineConfig(true, true, wasmStackBytes, null));
    tiny = Kit.tiny(engine);
  }

  public static void main(String[] args) throws Exception {
    KillerMain killer = new KillerMain(args[0].equals("large-stack") ? 6L << 20 : 512L << 10);
    for (int i = 0; i < REPEAT; i++) {
      String outcome = name(() -> killer.run(args[0]));
      if (i == REPEAT - 1) {
        System.out.println(outcome);
      }
    }
  }

  private static String name(Callable<@Nullable Object> attempt) {
    try {
      return "returned " + attempt.call();
    } catch (WasmFailure.HostFailure e) {
      return "HostFailure of " + e.getCause().getClass().getSimpleName();
    } catch (Exception e) {
      return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
  }

  private @Nullable Object run(String what) throws Exception {
    return switch (what) {
      case "main-thread" -> call("recurse", new Val.S32(0));
      case "virtual-thread" -> onVirtualThread(() -> call("recurse", new Val.S32(0)));
      case "small-stack" -> Kit.onThread(512 << 10, () -> call("recurse", new Val.S32(0)));
      case "least-stack" ->
          Kit.onThread(
              (512 << 10) + Threads.HOST_STACK_BYTES, () -> call("recurse", new Val.S32(0)));
      case "large-stack" -> Kit.onGuestThread(() -> call("recurse", new Val.S32(0)));
      case "wasi-sleep" -> Kit.onGuestThread(() -> wasi("sleep", new Val.U64(1_000_000)));
      case "wasi-unset" -> Kit.onGuestThread(() -> wasi("print", new Val.Str("x")));
      case "sink" -> Kit.onGuestThread(this::failingSink);
      case "epoch-handler" -> Kit.onGuestThread(this::failingEpochHandler);
      case "closed" -> Kit.onGuestThread(this::useClosed);
      case "future" -> Component.compile(engine, Kit.wasmtime().wat(FUTURE));
      default -> Kit.onGuestThread(() -> call("ask", new Val.Str(what)));
    };
  }

  private static final String FUTURE =
      """
      (component
        (core module $m (func (export "f") (result i32) (i32.const 0)))
        (core instance $i (instantiate $m))
        (type $f (future u8))
        (func (export "f") (result $f) (canon lift (core func $i "f"))))
      """;

  private @Nullable Val call(String export, Val... args) {
    try (Linker linker = Kit.host(engine, KillerMain::host);
        Store store = new Store(engine)) {
      return store.instantiate(linker, tiny).call(tiny.export(export), args);
    }
  }

  private static @Nullable Val host(Store store, List<Val> args) throws Exception {
    return switch (((Val.Str) args.getFirst()).value()) {
      case "recursion" -> new Val.S32(depth(0));
      case "out-of-memory" -> new Val.S32(new long[Integer.MAX_VALUE - 8].length);
      case "assertion" -> throw new AssertionError("no");
      case "exception" -> throw new Exception("no");
      case "throws-itself-badly" -> throw new Hostile();
      case "null" -> null;
      case "wrong-type" -> new Val.ListOf(List.of(new Val.Bool(true)));
      case "too-deep" -> nested(100_000);
      case "wrong-payload" -> new Val.Ok(null);
      default -> throw new IllegalArgumentException();
    };
  }

  /** An exception that fails again when it is asked for its message. */
  private static final class Hostile extends RuntimeException {
    @Override
    public String getMessage() {
      throw new IllegalStateException("getMessage");
    }
  }

  private static Val nested(int levels) {
    Val value = new Val.OptionOf(null);
    for (int i = 0; i < levels; i++) {
      value = new Val.OptionOf(value);
    }
    return value;
  }

  @SuppressWarnings("InfiniteRecursion") // until the stack is full
  private static int depth(int n) {
    return depth(n + 1) + 1;
  }

  private Val wasi(String export, Val arg) {
    try (Component component =
            Component.compile(engine, Kit.wasmtime().wat(Kit.resource("wasi.wat")));
        Linker linker = new Linker(engine).addWasi();
        Store store = new Store(engine)) {
      return new Val.OptionOf(
          store.instantiate(linker, component).call(component.export(export), arg));
    }
  }

  private Object failingSink() {
    try (Component component =
            Component.compile(engine, Kit.wasmtime().wat(Kit.resource("wasi.wat")));
        Linker linker = new Linker(engine).addWasi();
        Store store = new Store(engine)) {
      store.setWasi(new WasiConfig().stdout(bytes -> depth(0)));
      Instance instance = store.instantiate(linker, component);
      Val result = instance.call(component.export("print"), new Val.Str("x"));
      return result + " " + store.outputFailure();
    }
  }

  private Object failingEpochHandler() {
    try (Linker linker = Kit.host(engine, Kit.ECHO);
        Store store = new Store(engine)) {
      Instance instance = store.instantiate(linker, tiny);
      store.onEpochDeadline(() -> depth(0));
      store.setEpochDeadline(0);
      return new Val.OptionOf(instance.call(tiny.export("spin")));
    }
  }

  private Object useClosed() {
    Linker linker = Kit.host(engine, Kit.ECHO);
    Store store = new Store(engine);
    Instance instance = store.instantiate(linker, tiny);
    Export boom = tiny.export("boom");
    store.close();
    store.close();
    Engine other = new Engine(Kit.wasmtime(), engine.config());
    other.close();
    other.close();
    other.incrementEpoch();
    Map<String, Runnable> uses =
        Map.of(
            "call", () -> instance.call(boom),
            "fuel", store::fuel,
            "setFuel", () -> store.setFuel(1),
            "deadline", () -> store.setEpochDeadline(1),
            "limit", () -> store.limitMemory(1),
            "handler", () -> store.onEpochDeadline(() -> 1),
            "wasi", () -> store.setWasi(new WasiConfig()),
            "instantiate", () -> store.instantiate(linker, tiny),
            "engine", () -> new Store(other));
    int refused = 0;
    for (Runnable use : uses.values()) {
      try {
        use.run();
      } catch (IllegalStateException e) {
        refused++;
      }
    }
    linker.close();
    return refused + " of " + uses.size() + " refused";
  }

  private static @Nullable Object onVirtualThread(Callable<@Nullable Object> task)
      throws Exception {
    Object[] outcome = new Object[1];
    Thread.ofVirtual()
        .start(() -> {
          outcome[0] = name(task);
        })
        .join();
    return outcome[0];
  }
}
