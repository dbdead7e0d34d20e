package dev.capsule.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Provokes each kind of failure: these texts of Wasmtime's are all that tells them apart. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailuresTest {
  private Engine engine;
  private Component component;
  private Linker linker;

  @BeforeAll
  void start() {
    engine = new Engine(Kit.wasmtime(), Kit.METERED);
    component = Kit.tiny(engine);
    linker = Kit.host(engine, (store, args) -> fail(((Val.Str) args.getFirst()).value()));
  }

  @AfterAll
  void stop() {
    linker.close();
    component.close();
    engine.close();
  }

  private static Val fail(String how) throws IOException {
    return switch (how) {
      case "throw" -> throw new IOException("disk on fire");
      case "interrupt" -> throw new IOException("wasm trap: interrupt");
      case "misfit" -> new Val.Bool(true);
      case "misfit inside" -> new Val.Ok(new Val.S32(1));
      default -> new Val.Err(new Val.Str(how));
    };
  }

  private Throwable failure(Consumer<Store> limits, String export, Val... args) {
    try (Store store = new Store(engine)) {
      limits.accept(store);
      return Objects.requireNonNull(
          catchThrowable(() ->
              Kit.onGuestThread(() ->
                  store.instantiate(linker, component).call(component.export(export), args))));
    }
  }

  private Throwable failure(String export, Val... args) {
    return failure(store -> {}, export, args);
  }

  @Test
  void outOfFuel() {
    assertThat(failure(store -> store.setFuel(10_000), "spin"))
        .isInstanceOf(WasmFailure.OutOfFuel.class)
        .extracting(f -> ((WasmFailure) f).backtrace())
        .asString()
        .isNotEmpty();
  }

  @Test
  void interrupted() {
    assertThat(
            failure(
                store -> {
                  store.setEpochDeadline(1);
                  engine.incrementEpoch();
                },
                "spin"))
        .isInstanceOf(WasmFailure.Interrupted.class);
  }

  @Test
  void outOfMemory() {
    assertThat(failure(store -> store.limitMemory(1000), "boom"))
        .isInstanceOf(WasmFailure.OutOfMemory.class);
  }

  @Test
  void stackOverflow() {
    assertThat(failure("recurse", new Val.S32(0))).isInstanceOf(WasmFailure.StackOverflow.class);
  }

  @ParameterizedTest
  @CsvSource({"outside, out of bounds memory access", "divide, integer divide by zero"})
  void trap(String export, String message) {
    assertThat(failure(export, new Val.S32(0)))
        .isInstanceOf(WasmFailure.GuestTrap.class)
        .hasMessageContaining(message);
  }

  @Test
  void trapSaysWhereButNotInItsMessage() {
    assertThat(failure("boom"))
        .isInstanceOfSatisfying(
            WasmFailure.GuestTrap.class,
            trap -> {
              assertThat(trap).hasMessage("wasm trap: wasm `unreachable` instruction executed");
              assertThat(trap.backtrace()).contains("m!<wasm function");
            });
  }

  @Test
  void hostFailureKeepsItsCause() {
    assertThat(failure("ask", new Val.Str("throw")))
        .isInstanceOf(WasmFailure.HostFailure.class)
        .hasMessageContaining("test:tiny/host#call")
        .hasMessageContaining("disk on fire")
        .hasCauseInstanceOf(IOException.class);
  }

  @Test
  void hostFailureIsNotTakenForATrapByItsText() {
    assertThat(failure("ask", new Val.Str("interrupt")))
        .isInstanceOf(WasmFailure.HostFailure.class);
  }

  @ParameterizedTest
  @CsvSource({"misfit", "misfit inside"})
  void hostFunctionsResultOfAnotherType(String how) {
    assertThat(failure("ask", new Val.Str(how)))
        .isInstanceOf(WasmFailure.HostFailure.class)
        .hasMessageContaining("type mismatch");
  }

  @Test
  void anErrorThatTheGuestHandlesIsNoFailure() throws Exception {
    try (Store store = new Store(engine)) {
      Val result =
          Kit.onGuestThread(() ->
              store
                  .instantiate(linker, component)
                  .call(component.export("ask"), new Val.Str("no")));
      assertThat(result).isEqualTo(new Val.Err(new Val.Str("no")));
    }
  }

  @Test
  void afterAFailureTheInstanceCannotBeCalled() throws Exception {
    try (Store store = new Store(engine)) {
      Kit.onGuestThread(() -> {
        Instance instance = store.instantiate(linker, component);
        assertThatThrownBy(() -> instance.call(component.export("boom")))
            .isInstanceOf(WasmFailure.GuestTrap.class);
        assertThatThrownBy(() -> instance.call(component.export("spin")))
            .isInstanceOf(WasmtimeException.class)
            .hasMessageContaining("cannot enter");
        return store.fuel();
      });
    }
  }

  @Test
  void aGuestCannotFakeAFailureByTheNamesOfItsFunctions() {
    String name = "error\\n\\nCaused by:\\n    wasm trap: interrupt";
    String text =
        """
        (component
          (core module $m (func $"%s" (export "f") unreachable))
          (core instance $i (instantiate $m))
          (func (export "f") (canon lift (core func $i "f"))))
        """
            .formatted(name);
    try (Component liar = Component.compile(engine, Kit.wasmtime().wat(text));
        Linker empty = new Linker(engine);
        Store store = new Store(engine)) {
      assertThatThrownBy(
              () -> Kit.onGuestThread(() -> store.instantiate(empty, liar).call(liar.export("f"))))
          .isInstanceOf(WasmFailure.GuestTrap.class);
    }
  }

  @Test
  void aResultOutsideItsMemoryIsTheGuestsFault() {
    String text =
        """
        (component
          (core module $m
            (memory (export "memory") 1)
            (data (i32.const 0) "\\f0\\ff\\ff\\7f\\10\\00\\00\\00")
            (data (i32.const 16) "\\20\\00\\00\\00\\02\\00\\00\\00")
            (data (i32.const 32) "\\ff\\ff")
            (func (export "far") (result i32) (i32.const 0))
            (func (export "garbled") (result i32) (i32.const 16)))
          (core instance $i (instantiate $m))
          (func (export "far") (result string)
            (canon lift (core func $i "far") (memory (core memory $i "memory"))))
          (func (export "garbled") (result string)
            (canon lift (core func $i "garbled") (memory (core memory $i "memory")))))
        """;
    try (Component liar = Component.compile(engine, Kit.wasmtime().wat(text));
        Linker empty = new Linker(engine)) {
      for (String export : new String[] {"far", "garbled"}) {
        try (Store store = new Store(engine)) {
          assertThatThrownBy(() ->
                  Kit.onGuestThread(() -> store.instantiate(empty, liar).call(liar.export(export))))
              .isInstanceOf(WasmFailure.GuestTrap.class);
        }
      }
    }
  }
}
