package dev.capsule.wasmtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A component whose function {@code f} hands its argument to the host's function {@code f} and
 * returns what that returns, for a parameter of any type.
 */
final class RoundTrip {
  private RoundTrip() {}

  /**
   * Sends a value through a guest and back.
   *
   * @param type the parameter's type in WebAssembly text
   * @param flat the core types that it flattens to
   * @param seen receives what the host function got
   */
  static @Nullable Val send(
      Engine engine, String type, List<String> flat, Val value, List<Val> seen) throws Exception {
    HostFunction f =
        (store, args) -> {
          seen.addAll(args);
          return args.getFirst();
        };
    try (Component component =
            Component.compile(engine, Kit.wasmtime().wat(component(type, flat)));
        Linker linker = new Linker(engine).define("test:values/host", Map.of("f", f));
        Store store = new Store(engine)) {
      return Kit.onGuestThread(
          () -> store.instantiate(linker, component).call(component.export("f"), value));
    }
  }

  private static String component(String type, List<String> flat) {
    boolean byPointer = flat.size() > 1;
    List<String> imported = new ArrayList<>(flat);
    if (byPointer) {
      imported.add("i32");
    }
    String params = String.join(" ", flat);
    String gets =
        IntStream.range(0, flat.size())
            .mapToObj(i -> "(local.get " + i + ")")
            .collect(Collectors.joining(" "));
    return Kit.resource("roundtrip.wat")
        .replace("@TYPE@", type)
        .replace("@PARAMS@", params)
        .replace("@IMPORTED@", String.join(" ", imported))
        .replace("@RESULT@", byPointer ? "" : "(result " + flat.getFirst() + ")")
        .replace("@LIFTED@", "(result " + (byPointer ? "i32" : flat.getFirst()) + ")")
        .replace(
            "@BODY@",
            byPointer
                ? "(call $f " + gets + " (i32.const 64)) (i32.const 64)"
                : "(call $f " + gets + ")");
  }
}
