package dev.capsule.wasmtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Traps of guests on four threads, beside what makes the JVM use the same signals: null pointers,
 * stack overflows, collections.
 */
final class SignalsMain {
  private static final int THREADS = 4;
  private static final int TRAPS = 2000;

  private static final Map<String, String> EXPECTED =
      Map.of(
          "boom", "wasm `unreachable` instruction executed",
          "outside", "out of bounds memory access",
          "divide", "integer divide by zero",
          "recurse", "call stack exhausted");

  private SignalsMain() {}

  public static void main(String[] args) throws Exception {
    Engine engine = new Engine(Kit.wasmtime(), Kit.POOLED);
    Component component = Kit.tiny(engine);
    Linker linker = Kit.host(engine, Kit.ECHO);
    AtomicInteger toldApart = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> guests = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      guests.add(
          Threads.platform(
              "guest-" + i,
              () -> {
                for (int trap = 0; trap < TRAPS / EXPECTED.size(); trap++) {
                  EXPECTED.forEach((export, text) -> {
                    if (trap(engine, linker, component, export).contains(text)) {
                      toldApart.incrementAndGet();
                    }
                  });
                }
              }));
    }
    List<Thread> noise =
        List.of(new Thread(() -> nullPointers(over)), new Thread(() -> overflows(over)));
    noise.forEach(Thread::start);
    guests.forEach(Thread::start);
    for (Thread guest : guests) {
      guest.join();
    }
    over.set(true);
    for (Thread thread : noise) {
      thread.join();
    }
    System.out.println(toldApart + " traps told apart");
  }

  private static String trap(Engine engine, Linker linker, Component component, String export) {
    try (Store store = new Store(engine)) {
      Instance instance = store.instantiate(linker, component);
      if (export.equals("boom")) {
        instance.call(component.export(export));
      } else {
        instance.call(component.export(export), new Val.S32(0));
      }
      return "none";
    } catch (WasmFailure failure) {
      return String.valueOf(failure.getMessage());
    }
  }

  private record Box(@Nullable Box next, List<byte[]> garbage) {}

  @SuppressWarnings("NullAway") // the exception is the point
  private static void nullPointers(AtomicBoolean over) {
    long caught = 0;
    for (int i = 0; !over.get(); i++) {
      Box box = new Box(null, List.of(new byte[20_000]));
      try {
        caught += box.next().garbage().size();
      } catch (NullPointerException e) {
        caught++;
      }
      if (caught != i + 1L) {
        throw new AssertionError("a null pointer was missed");
      }
    }
  }

  private static void overflows(AtomicBoolean over) {
    while (!over.get()) {
      try {
        throw new AssertionError(depth(0));
      } catch (StackOverflowError expected) {
        // that is what it is for
      }
    }
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int depth(int n) {
    return depth(n + 1) + 1;
  }
}
