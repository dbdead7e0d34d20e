package dev.capsule.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WasiTest {
  private static final Val NONE = new Val.U32(0);
  private static final Val WRITTEN = new Val.U32(0);
  private static final Val NOT_WRITTEN = new Val.U32(1);

  @TempDir private Path folder;

  private Engine engine;
  private Component component;
  private Linker linker;

  @BeforeAll
  void start() {
    engine = new Engine(Kit.wasmtime(), Kit.METERED);
    component = Component.compile(engine, Kit.wasmtime().wat(Kit.resource("wasi.wat")));
    linker = new Linker(engine).addWasi();
  }

  @AfterAll
  void stop() {
    linker.close();
    component.close();
    engine.close();
  }

  private @Nullable Val call(Instance instance, String export, Val... args) throws Exception {
    return Kit.onGuestThread(() -> instance.call(component.export(export), args));
  }

  private Instance instantiate(Store store) throws Exception {
    return Kit.onGuestThread(() -> store.instantiate(linker, component));
  }

  @Test
  void grantsNothingByItself() throws Exception {
    try (Store store = new Store(engine)) {
      Instance instance = instantiate(store);
      assertThat(call(instance, "variables")).isEqualTo(NONE);
      assertThat(call(instance, "arguments")).isEqualTo(NONE);
      assertThat(call(instance, "folders")).isEqualTo(NONE);
      assertThat(call(instance, "print", new Val.Str("dropped"))).isEqualTo(WRITTEN);
    }
  }

  @Test
  void bindsAfterInstantiation() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (Store store = new Store(engine)) {
      Instance instance = instantiate(store);
      store.setWasi(
          new WasiConfig()
              .env(Map.of("A", "1", "B", "2"))
              .args(List.of("x", "y", "z"))
              .preopen(folder, "/data", false)
              .stdin(new byte[] {1, 2, 3})
              .stdout(out::writeBytes)
              .stderr(err::writeBytes));
      assertThat(call(instance, "variables")).isEqualTo(new Val.U32(2));
      assertThat(call(instance, "arguments")).isEqualTo(new Val.U32(3));
      assertThat(call(instance, "folders")).isEqualTo(new Val.U32(1));
      assertThat(call(instance, "print", new Val.Str("héllo"))).isEqualTo(WRITTEN);
      assertThat(call(instance, "print-error", new Val.Str("oh"))).isEqualTo(WRITTEN);
      assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("héllo");
      assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("oh");

      store.setWasi(new WasiConfig());
      assertThat(call(instance, "folders")).isEqualTo(NONE);
    }
  }

  @Test
  void aFailingSinkFailsTheWriteAndIsRemembered() throws Exception {
    try (Store store = new Store(engine)) {
      Instance instance = instantiate(store);
      store.setWasi(
          new WasiConfig()
              .stdout(bytes -> {
                throw new UncheckedIOException(new java.io.IOException("no room"));
              }));
      assertThat(store.outputFailure()).isNull();
      assertThat(call(instance, "print", new Val.Str("x"))).isEqualTo(NOT_WRITTEN);
      assertThat(store.outputFailure()).hasMessageContaining("no room");
      assertThat(call(instance, "print-error", new Val.Str("x"))).isEqualTo(WRITTEN);
    }
  }

  @Test
  void tellsExitsApart() throws Exception {
    for (boolean failed : new boolean[] {false, true}) {
      try (Store store = new Store(engine)) {
        Instance instance = instantiate(store);
        assertThatThrownBy(() -> call(instance, "exit", new Val.Bool(failed)))
            .isInstanceOfSatisfying(
                WasmFailure.Exit.class, exit -> assertThat(exit.code()).isEqualTo(failed ? 1 : 0));
      }
    }
  }

  @Test
  void aFolderThatCannotBeOpenedChangesNothing() throws Exception {
    try (Store store = new Store(engine)) {
      Instance instance = instantiate(store);
      store.setWasi(new WasiConfig().preopen(folder, "/data", true));
      assertThatThrownBy(() ->
              store.setWasi(
                  new WasiConfig()
                      .preopen(folder, "/a", true)
                      .preopen(folder.resolve("none"), "/b", true)
                      .stdout(bytes -> {})))
          .isInstanceOf(WasmtimeException.class)
          .hasMessageContaining("there is none");
      assertThat(call(instance, "folders")).isEqualTo(new Val.U32(1));
    }
  }

  @Test
  void refusesNulCharactersAndBadNames() {
    WasiConfig config = new WasiConfig();
    assertThatThrownBy(() -> config.preopen(folder, "/data\0", true))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> config.env(Map.of("A", "b\0c")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> config.env(Map.of("A=B", "c")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> config.args(List.of("\0")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aShadowedClockCannotSleep() throws Exception {
    HostFunction refuse =
        (store, args) -> {
          throw new UnsupportedOperationException("no sleeping");
        };
    try (Linker shadowed =
            new Linker(engine)
                .addWasi()
                .define(
                    "wasi:clocks/monotonic-clock@0.2.0",
                    Map.of("now", (s, a) -> new Val.U64(7), "subscribe-duration", refuse));
        Store store = new Store(engine)) {
      Instance instance = Kit.onGuestThread(() -> store.instantiate(shadowed, component));
      assertThat(call(instance, "now")).isEqualTo(new Val.U64(7));
      assertThatThrownBy(() -> call(instance, "sleep", new Val.U64(60_000_000_000L)))
          .isInstanceOf(WasmFailure.HostFailure.class)
          .hasMessageContaining("no sleeping");
    }
  }

  @Test
  void leavesNothingBehind() throws Exception {
    int before = Kit.wasmtime().callbacks().registered();
    for (int i = 0; i < 10; i++) {
      try (Linker own = new Linker(engine).addWasi().define("x:y/z", Map.of("f", Kit.IGNORE));
          Store store = new Store(engine)) {
        Kit.onGuestThread(() -> store.instantiate(own, component));
        store.setWasi(new WasiConfig().stdout(bytes -> {}).stderr(bytes -> {}));
        store.setWasi(new WasiConfig().stdout(bytes -> {}));
        store.onEpochDeadline(() -> 1);
        store.onEpochDeadline(() -> 2);
      }
    }
    assertThat(Kit.wasmtime().callbacks().registered()).isEqualTo(before);
  }
}
