package dev.capsule.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls everything that is bound, so that a signature that changes with a version is noticed. */
class SymbolsTest {
  @TempDir private Path folder;

  @Test
  void everyFunctionIsCalledOnce() throws Exception {
    Wasmtime wasmtime = Kit.load();
    try (Engine engine = new Engine(wasmtime, Kit.POOLED)) {
      engine.incrementEpoch();
      assertThat(wasmtime.wat("(component)")).isNotEmpty();
      useStore(engine);
      useWasi(engine);
      useValues(engine);
    }
    assertThat(wasmtime.api().symbols().stream().filter(s -> !s.used()).map(Symbol::name))
        .isEmpty();
  }

  private void useStore(Engine engine) throws Exception {
    Path file = folder.resolve("tiny.cwasm");
    try (Component component = Kit.tiny(engine)) {
      Files.write(file, component.serialize());
    }
    try (Component component = Component.loadSerialized(engine, file);
        Linker linker =
            Kit.host(
                engine,
                (s, args) -> {
                  throw new IllegalStateException("as planned");
                });
        Store store = new Store(engine)) {
      store.setFuel(1_000_000);
      store.setEpochDeadline(10);
      store.onEpochDeadline(() -> 1);
      Instance instance = Kit.onGuestThread(() -> store.instantiate(linker, component));
      assertThatThrownBy(() ->
              Kit.onGuestThread(() -> instance.call(component.export("ask"), new Val.Str("x"))))
          .hasRootCauseMessage("as planned");
      assertThat(store.fuel()).isPositive();
    }
  }

  private void useWasi(Engine engine) {
    try (Store store = new Store(engine);
        Linker linker = new Linker(engine)) {
      linker.addWasi();
      store.setWasi(
          new WasiConfig()
              .args(List.of("a"))
              .env(Map.of("A", "b"))
              .preopen(folder, "/", true)
              .stdin(new byte[] {1})
              .stdout(bytes -> {})
              .stderr(bytes -> {}));
      assertThatThrownBy(
              () -> store.setWasi(new WasiConfig().preopen(folder.resolve("none"), "/", true)))
          .isInstanceOf(WasmtimeException.class);
    }
  }

  private static void useValues(Engine engine) throws Exception {
    String record = "(record (field \"a\" string))";
    List<String> flat = List.of("i32", "i32");
    Val text = new Val.Str("x");
    RoundTrip.send(engine, record, flat, new Val.RecordOf(Map.of("a", text)), new ArrayList<>());
    RoundTrip.send(
        engine, "(tuple string)", flat, new Val.TupleOf(List.of(text)), new ArrayList<>());
    RoundTrip.send(
        engine, "(flags \"a\")", List.of("i32"), new Val.Flags(Set.of("a")), new ArrayList<>());
    RoundTrip.send(
        engine,
        "(option (list u8))",
        List.of("i32", "i32", "i32"),
        new Val.OptionOf(new Val.ListOf(List.of(new Val.U8(1)))),
        new ArrayList<>());
  }

  @Test
  void noneIsAsynchronous() {
    assertThat(Kit.wasmtime().api().symbols())
        .extracting(Symbol::name)
        .filteredOn(name -> name.contains("async"))
        .allMatch(name -> name.startsWith("wasmtime_config_")); // which switch it off
  }

  @Test
  void saysWhatIsWrongWithALibrary() {
    Path none = folder.resolve("none.so");
    assertThatThrownBy(() -> Wasmtime.load(none))
        .isInstanceOf(WasmtimeException.class)
        .hasMessageContaining("no library at");
    Path other = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("java"));
    assertThatThrownBy(() -> Wasmtime.load(other))
        .isInstanceOf(WasmtimeException.class)
        .hasMessageContaining("it is not Wasmtime 50.0.1");
  }
}
