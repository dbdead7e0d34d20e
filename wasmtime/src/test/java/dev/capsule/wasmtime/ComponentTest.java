package dev.capsule.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComponentTest {
  @TempDir private Path folder;

  private static byte[] wasm() {
    return Kit.wasmtime().wat(Kit.resource("tiny.wat"));
  }

  @Test
  void survivesSerialization() throws Exception {
    try (Engine engine = new Engine(Kit.wasmtime(), Kit.METERED);
        Linker linker = Kit.host(engine, Kit.ECHO)) {
      Path file = folder.resolve("tiny.cwasm");
      try (Component component = Component.compile(engine, wasm())) {
        Files.write(file, component.serialize());
      }
      try (Component loaded = Component.loadSerialized(engine, file);
          Store store = new Store(engine)) {
        assertThat(
                Kit.onGuestThread(() ->
                    store
                        .instantiate(linker, loaded)
                        .call(loaded.export("ask"), new Val.Str("again"))))
            .isEqualTo(new Val.Ok(new Val.Str("again")));
      }
    }
  }

  @Test
  void refusesADamagedHeader() throws Exception {
    try (Engine engine = new Engine(Kit.wasmtime(), Kit.METERED)) {
      byte[] good;
      try (Component component = Component.compile(engine, wasm())) {
        good = component.serialize();
      }
      byte[] zeroed = good.clone();
      Arrays.fill(zeroed, 0, 64, (byte) 0);
      List<byte[]> damaged =
          List.of(new byte[0], new byte[1000], zeroed, Arrays.copyOf(good, good.length / 2));
      for (byte[] bytes : damaged) {
        Path file = Files.createTempFile(folder, "damaged", ".cwasm");
        Files.write(file, bytes);
        assertThatThrownBy(() -> Component.loadSerialized(engine, file))
            .isInstanceOf(WasmtimeException.class)
            .hasMessageContaining("failed to load code");
      }
      assertThatThrownBy(() -> Component.loadSerialized(engine, folder.resolve("none")))
          .isInstanceOf(WasmtimeException.class)
          .hasMessageContaining("No such file");
    }
  }

  @Test
  void refusesCodeOfAnotherConfiguration() throws Exception {
    Path file = folder.resolve("metered.cwasm");
    try (Engine engine = new Engine(Kit.wasmtime(), Kit.METERED);
        Component component = Component.compile(engine, wasm())) {
      Files.write(file, component.serialize());
    }
    EngineConfig unmetered =
        new EngineConfig(false, true, EngineConfig.DEFAULT_WASM_STACK_BYTES, null);
    try (Engine engine = new Engine(Kit.wasmtime(), unmetered)) {
      assertThatThrownBy(() -> Component.loadSerialized(engine, file))
          .isInstanceOf(WasmtimeException.class)
          .hasMessageContaining("fuel");
    }
  }

  @Test
  void refusesWhatIsNoComponent() {
    byte[] wasm = wasm();
    byte[] text = "(component)".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    byte[] module = Kit.wasmtime().wat("(module)");
    try (Engine engine = new Engine(Kit.wasmtime(), Kit.METERED)) {
      for (byte[] bytes :
          List.of(new byte[0], text, module, Arrays.copyOf(wasm, wasm.length / 2))) {
        assertThatThrownBy(() -> Component.compile(engine, bytes))
            .isInstanceOf(WasmtimeException.class);
      }
    }
    assertThatThrownBy(() -> Kit.wasmtime().wat("(component (nonsense))"))
        .isInstanceOf(WasmtimeException.class)
        .hasMessageContaining("1:13");
  }

  @Test
  void aFullPoolSaysSo() throws Exception {
    EngineConfig small = new EngineConfig(false, false, 512 << 10, PoolConfig.of(3, 1 << 20));
    try (Engine engine = new Engine(Kit.wasmtime(), small);
        Component component = Kit.tiny(engine);
        Linker linker = Kit.host(engine, Kit.ECHO)) {
      List<Store> stores = new ArrayList<>();
      try {
        for (int i = 0; i < 4; i++) {
          stores.add(new Store(engine));
        }
        for (Store store : stores.subList(0, 3)) {
          Kit.onGuestThread(() -> store.instantiate(linker, component));
        }
        assertThatThrownBy(
                () -> Kit.onGuestThread(() -> stores.getLast().instantiate(linker, component)))
            .isInstanceOf(WasmtimeException.class)
            .hasMessageContaining("limit of 3 for component instances reached");
        stores.removeFirst().close();
        Kit.onGuestThread(() -> stores.getLast().instantiate(linker, component));
      } finally {
        stores.forEach(Store::close);
      }
    }
  }

  @Test
  void aPoolBoundsMemories() throws Exception {
    EngineConfig small = new EngineConfig(false, false, 512 << 10, PoolConfig.of(1, 4 * 65536));
    try (Engine engine = new Engine(Kit.wasmtime(), small);
        Component component = Kit.tiny(engine);
        Linker linker = Kit.host(engine, Kit.ECHO);
        Store store = new Store(engine)) {
      Instance instance = Kit.onGuestThread(() -> store.instantiate(linker, component));
      Export grow = component.export("grow");
      assertThat(Kit.onGuestThread(() -> instance.call(grow, new Val.S32(3))))
          .isEqualTo(new Val.S32(1));
      assertThat(Kit.onGuestThread(() -> instance.call(grow, new Val.S32(1))))
          .isEqualTo(new Val.S32(-1));
      assertThatThrownBy(() -> store.setFuel(1))
          .isInstanceOf(WasmtimeException.class)
          .hasMessageContaining("fuel");
    }
  }

  @Test
  void refusesConfigurationsThatWouldEndTheProcess() {
    assertThatThrownBy(() -> new EngineConfig(true, true, 0, null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PoolConfig.of(0, 1 << 20))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PoolConfig.of(10, 5L << 30))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PoolConfig.of(1_000_000, 1 << 20))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
