package dev.capsule.wasmtime;

import java.util.Map;

/** Makes, uses and drops 20,000 instances, and prints whether the process has grown. */
final class LeakMain {
  private static final int WARM_UP = 4_000;
  private static final int INSTANCES = 20_000;

  /** 200 bytes an instance; one forgotten value, stub or store is more. */
  private static final long TOLERANCE_BYTES = 4L << 20;

  private LeakMain() {}

  public static void main(String[] args) throws Exception {
    Kit.onGuestThread(() -> {
      Engine engine = new Engine(Kit.wasmtime(), Kit.POOLED);
      Component component = Kit.tiny(engine);
      Linker linker =
          new Linker(engine)
              .addWasi()
              .define("test:tiny/host", Map.of("call", LeakMain::host, "note", Kit.IGNORE));
      use(engine, linker, component, WARM_UP);
      System.gc();
      long before = Kit.residentBytes();
      use(engine, linker, component, INSTANCES);
      System.gc();
      long grown = Kit.residentBytes() - before;
      int registered = Kit.wasmtime().callbacks().registered();
      System.out.println(
          (grown < TOLERANCE_BYTES && registered == 2 ? "flat" : "grown")
              + ": %,d bytes, %d callbacks".formatted(grown, registered));
      return 0;
    });
  }

  private static Val host(Store store, java.util.List<Val> args) {
    return switch (((Val.Str) args.getFirst()).value()) {
      case "throw" -> throw new IllegalStateException("no");
      case "misfit" -> new Val.Ok(new Val.ListOf(args));
      default -> new Val.Ok(new Val.Str("x".repeat(1000)));
    };
  }

  private static void use(Engine engine, Linker linker, Component component, int count) {
    Export ask = component.export("ask");
    String[] how = {"fine", "throw", "fine", "misfit"};
    for (int i = 0; i < count; i++) {
      try (Store store = new Store(engine)) {
        Instance instance = store.instantiate(linker, component);
        store.setWasi(
            new WasiConfig().env(Map.of("A", "b")).stdin(new byte[100]).stdout(bytes -> {}));
        instance.call(ask, new Val.Str(how[i % how.length]));
      } catch (WasmFailure.HostFailure expected) {
        // half of them are to fail
      }
    }
  }
}
