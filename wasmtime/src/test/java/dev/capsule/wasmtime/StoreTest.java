package dev.capsule.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreTest {
  private Engine engine;
  private Component component;
  private Linker linker;

  @BeforeAll
  void start() {
    engine = new Engine(Kit.wasmtime(), Kit.METERED);
    component = Kit.tiny(engine);
    linker = Kit.host(engine, Kit.ECHO);
  }

  @AfterAll
  void stop() {
    linker.close();
    component.close();
    engine.close();
  }

  private Instance instantiate(Store store, Linker host) throws Exception {
    return Kit.onGuestThread(() -> store.instantiate(host, component));
  }

  private @Nullable Val call(Instance instance, String export, Val... args) throws Exception {
    return Kit.onGuestThread(() -> instance.call(component.export(export), args));
  }

  @Test
  void movesFromThreadToThread() throws Exception {
    try (Store store = new Store(engine)) {
      Instance instance = instantiate(store, linker);
      assertThat(call(instance, "add", new Val.S32(2), new Val.S32(40))).isEqualTo(new Val.S32(42));
      assertThat(call(instance, "echo", new Val.Str("hé"))).isEqualTo(new Val.Str("hé"));
      assertThat(call(instance, "tell", new Val.Str("x"))).isNull();
    }
  }

  @Test
  void metersFuel() throws Exception {
    try (Store store = new Store(engine)) {
      Instance instance = instantiate(store, linker);
      store.setFuel(1_000_000);
      call(instance, "count", new Val.U32(1000));
      long once = 1_000_000 - store.fuel();
      store.setFuel(1_000_000);
      call(instance, "count", new Val.U32(2000));
      long twice = 1_000_000 - store.fuel();
      assertThat(once).isGreaterThan(1000);
      assertThat(twice).isBetween(once * 19 / 10, once * 21 / 10);
    }
  }

  @Test
  void anotherThreadsTicksInterrupt() throws Exception {
    try (Store store = new Store(engine)) {
      Instance instance = instantiate(store, linker);
      store.setEpochDeadline(3);
      assertThatThrownBy(() -> whileTicking(() -> call(instance, "spin")))
          .isInstanceOf(WasmFailure.Interrupted.class);
    }
  }

  /** Runs a task while another thread advances the epoch. */
  private void whileTicking(Callable<@Nullable Object> task) throws Exception {
    Thread ticker =
        Thread.ofPlatform()
            .start(() -> {
              while (!Thread.interrupted()) {
                engine.incrementEpoch();
                Thread.onSpinWait();
              }
            });
    try {
      task.call();
    } finally {
      ticker.interrupt();
      ticker.join();
    }
  }

  @Test
  void anEpochHandlerDecidesHowLongAGuestGoesOn() throws Exception {
    AtomicInteger reached = new AtomicInteger();
    try (Store store = new Store(engine)) {
      Instance instance = instantiate(store, linker);
      store.onEpochDeadline(() -> {
        if (reached.incrementAndGet() == 5) {
          throw new TimeoutException("enough");
        }
        return 1;
      });
      store.setEpochDeadline(1);
      assertThatThrownBy(() -> whileTicking(() -> call(instance, "spin")))
          .isInstanceOf(WasmFailure.HostFailure.class)
          .hasMessageContaining("the epoch handler failed")
          .hasCauseInstanceOf(TimeoutException.class);
      assertThat(reached).hasValue(5);
    }
  }

  @Test
  void refusesMemoryBeyondTheLimit() throws Exception {
    try (Store store = new Store(engine)) {
      store.limitMemory(10 * 65536);
      Instance instance = instantiate(store, linker);
      assertThat(call(instance, "grow", new Val.S32(9))).isEqualTo(new Val.S32(1));
      assertThat(call(instance, "grow", new Val.S32(1))).isEqualTo(new Val.S32(-1));
      store.limitMemory(11 * 65536);
      assertThat(call(instance, "grow", new Val.S32(1))).isEqualTo(new Val.S32(10));
    }
  }

  @Test
  void aHostFunctionFindsItsStoreAndMaySetItsLimits() throws Exception {
    List<@Nullable Object> found = new ArrayList<>();
    HostFunction look =
        (store, args) -> {
          found.add(store.attachment());
          store.setFuel(5000);
          store.setEpochDeadline(100);
          return new Val.Ok(new Val.Str(store.fuel() <= 5000 ? "set" : "not set"));
        };
    try (Linker host = Kit.host(engine, look);
        Store a = new Store(engine);
        Store b = new Store(engine)) {
      a.attach("A");
      b.attach("B");
      Instance inA = instantiate(a, host);
      Instance inB = instantiate(b, host);
      assertThat(call(inA, "ask", new Val.Str("x"))).isEqualTo(new Val.Ok(new Val.Str("set")));
      call(inB, "ask", new Val.Str("x"));
      assertThat(found).containsExactly("A", "B");
      assertThat(a.fuel()).isLessThan(5000);
    }
  }

  @Test
  void aHostFunctionCannotCallCloseOrRebindItsStore() throws Exception {
    AtomicReference<Instance> self = new AtomicReference<>();
    List<Throwable> refused = new ArrayList<>();
    HostFunction tryAll =
        (store, args) -> {
          refused.add(
              catchThrowable(() -> self.get().call(component.export("echo"), new Val.Str(""))));
          refused.add(catchThrowable(store::close));
          refused.add(catchThrowable(() -> store.instantiate(linker, component)));
          refused.add(catchThrowable(() -> store.setWasi(new WasiConfig())));
          refused.add(catchThrowable(() -> store.limitMemory(-1)));
          return new Val.Ok(new Val.Str("done"));
        };
    try (Linker host = Kit.host(engine, tryAll);
        Store store = new Store(engine)) {
      self.set(instantiate(store, host));
      assertThat(call(self.get(), "ask", new Val.Str("")))
          .isEqualTo(new Val.Ok(new Val.Str("done")));
      assertThat(refused)
          .hasSize(5)
          .allSatisfy(
              thrown -> assertThat(thrown).isExactlyInstanceOf(IllegalStateException.class));
    }
  }

  @Test
  void aHostFunctionCannotRunAnotherGuestOnItsThread() throws Exception {
    HostFunction nested =
        (store, args) -> {
          try (Store other = new Store(engine)) {
            other.instantiate(linker, component);
          }
          return new Val.Ok(new Val.Str(""));
        };
    try (Linker host = Kit.host(engine, nested);
        Store store = new Store(engine)) {
      Instance instance = instantiate(store, host);
      assertThatThrownBy(() -> call(instance, "ask", new Val.Str("")))
          .isInstanceOf(WasmFailure.HostFailure.class)
          .hasMessageContaining("own thread");
    }
  }

  @Test
  void refusesASecondThreadAndCloseDuringACall() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    HostFunction wait =
        (store, args) -> {
          inside.countDown();
          assertThat(leave.await(60, TimeUnit.SECONDS)).isTrue();
          return new Val.Ok(args.getFirst());
        };
    try (Linker host = Kit.host(engine, wait);
        Store store = new Store(engine)) {
      Instance instance = instantiate(store, host);
      AtomicReference<@Nullable Object> result = new AtomicReference<>();
      Thread caller =
          Threads.platform(
              "caller",
              () -> result.set(instance.call(component.export("ask"), new Val.Str("still here"))));
      caller.start();
      assertThat(inside.await(60, TimeUnit.SECONDS)).isTrue();

      assertThatThrownBy(store::close)
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessageContaining("in use by thread");
      assertThatThrownBy(store::fuel).isExactlyInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> call(instance, "boom"))
          .isExactlyInstanceOf(IllegalStateException.class);

      leave.countDown();
      caller.join();
      assertThat(result.get()).isEqualTo(new Val.Ok(new Val.Str("still here")));
    }
  }

  @Test
  void refusesThingsOfAnotherEngineOrComponent() throws Exception {
    try (Engine other = new Engine(Kit.wasmtime(), Kit.METERED);
        Component foreign = Kit.tiny(other);
        Component twin = Kit.tiny(engine);
        Store store = new Store(engine)) {
      assertThatThrownBy(() -> store.instantiate(linker, foreign))
          .isInstanceOf(IllegalArgumentException.class);
      Instance instance = instantiate(store, linker);
      assertThatThrownBy(() -> Kit.onGuestThread(() -> instance.call(twin.export("boom"))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("another component");
    }
  }

  @Test
  void refusesAWrongNumberOfArgumentsAndWhatIsNoFunction() throws Exception {
    try (Store store = new Store(engine)) {
      Instance instance = instantiate(store, linker);
      assertThatThrownBy(() -> call(instance, "add", new Val.S32(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("add takes 2 arguments, not 1");
      assertThatThrownBy(() -> component.export("nothing"))
          .isInstanceOf(WasmtimeException.class)
          .hasMessageContaining("nothing");
    }
  }

  @Test
  void saysWhichImportIsMissing() {
    try (Linker empty = new Linker(engine);
        Linker half = new Linker(engine).define("test:tiny/host", Map.of("call", Kit.ECHO));
        Store store = new Store(engine)) {
      assertThatThrownBy(() -> instantiate(store, empty))
          .isInstanceOf(WasmtimeException.class)
          .hasMessageContaining("test:tiny/host");
      assertThatThrownBy(() -> instantiate(store, half))
          .isInstanceOf(WasmtimeException.class)
          .hasMessageContaining("note");
    }
  }

  @Test
  void aLinkerInUseDoesNotChange() throws Exception {
    try (Linker host = Kit.host(engine, Kit.ECHO);
        Store store = new Store(engine)) {
      instantiate(store, host);
      assertThatThrownBy(host::addWasi).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void keepsWhatItUsesAlive() throws Exception {
    Engine own = new Engine(Kit.wasmtime(), Kit.POOLED);
    Component code = Kit.tiny(own);
    Linker host = Kit.host(own, Kit.ECHO);
    Export ask = code.export("ask");
    Export echo = code.export("echo");
    try (Store store = new Store(own)) {
      Instance instance = Kit.onGuestThread(() -> store.instantiate(host, code));
      Kit.onGuestThread(() -> instance.call(ask, new Val.Str("1")));
      host.close();
      code.close();
      own.close();
      own.incrementEpoch();

      assertThat(Kit.onGuestThread(() -> instance.call(ask, new Val.Str("2"))))
          .isEqualTo(new Val.Ok(new Val.Str("2")));
      assertThatThrownBy(() -> Kit.onGuestThread(() -> instance.call(echo, new Val.Str(""))))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the component is closed");
    }
    assertThatThrownBy(() -> new Store(own)).hasMessage("the engine is closed");
    assertThatThrownBy(() -> new Linker(own)).hasMessage("the engine is closed");
    assertThatThrownBy(code::serialize).hasMessage("the component is closed");
  }
}
