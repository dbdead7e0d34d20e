package dev.capsule.flatten;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capsule.wasmtime.HostFunction;
import dev.capsule.wasmtime.Val;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What stands between the guest's code and WASI. What each import costs is tested by {@link
 * GuardRulesTest}, and with the real guests in the sidecar.
 */
class GuardsTest {
  private static final String HANDLES = "(export \"get-stdin\" (func (result u32)))";

  /** The test component with a function of WASI in the place of one of its host. */
  private static String importing(String interfaceName, String function, String export) {
    return Kit.linkedWith(
            "component",
            "(type $wasi-type (instance %s)) (import \"%s\" (instance $wasi (type $wasi-type)))"
                .formatted(export, interfaceName))
        .replace(
            "(alias export $host \"now\" (func $now))",
            "(alias export $wasi \"%s\" (func $now))".formatted(function));
  }

  private static String importingHandles() {
    return importing("wasi:cli/stdin@0.2.9", "get-stdin", HANDLES)
        .replace("(func $now (result i64))", "(func $now (result i32))")
        .replace("(i32.wrap_i64 (call $now))", "(call $now)");
  }

  private static String guarded(String component) {
    return component
        .replace(
            "(type $wasi-type (instance",
            """
            (type $capsule-type (instance
              (export "charge" (func (param "bytes" u64)))
              (export "reserve-handles" (func (param "handles" u32)))))
            (import "capsule:guest/host@0.1.0" (instance $capsule (type $capsule-type)))
            (type $wasi-type (instance\
            """)
        .replace(
            "(alias export $wasi ",
            """
            (alias export $capsule "charge" (func $charge))
            (core func $lowered-charge (canon lower (func $charge)))
            (alias export $capsule "reserve-handles" (func $reserve))
            (core func $lowered-reserve (canon lower (func $reserve)))
            (alias export $wasi \
            """);
  }

  @ParameterizedTest
  @CsvSource({
    "wasi:clocks/monotonic-clock@0.2.9, later, guards.txt does not say",
    "wasi:clocks/new-clock@0.2.9,       now,   guards.txt does not say",
    "wasi:clocks/wall-clock@0.2.9,      now,   another type than guards.txt says",
  })
  void whatItDoesNotKnowStopsIt(String interfaceName, String function, String message) {
    byte[] component =
        Kit.assemble(
            importing(
                interfaceName,
                function,
                "(export \"%s\" (func (result u64)))".formatted(function)));

    assertThatThrownBy(() -> Flatten.flatten(component))
        .isInstanceOf(FlattenException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(interfaceName + "#" + function);
  }

  @Test
  void whatCostsNothingIsNotGuarded() {
    String text =
        importing(
            "wasi:clocks/monotonic-clock@0.2.9", "now", "(export \"now\" (func (result u64)))");

    assertThat(Flatten.flatten(Kit.assemble(text)).summary())
        .isEqualTo(Flatten.flatten(Kit.assemble(Kit.linked())).summary());
  }

  @Test
  void aComponentThatCannotTellItsHostIsRefused() {
    byte[] component = Kit.assemble(importingHandles());

    assertThatThrownBy(() -> Flatten.flatten(component))
        .isInstanceOf(FlattenException.class)
        .hasMessageContaining("does not import capsule:guest/host#charge");
  }

  /** Sixteen are free; then the host is asked before there are sixteen more. */
  @Test
  void theHostIsAskedForHandles() throws Exception {
    byte[] linked = Kit.assemble(guarded(importingHandles()));
    byte[] flat = Kit.flatten(linked);
    List<Val> asked = new ArrayList<>();
    HostFunction reserve =
        (store, args) -> {
          asked.add(args.getFirst());
          return null;
        };
    Map<String, Map<String, HostFunction>> host =
        Map.of(
            "capsule:guest/host@0.1.0",
            Map.of("charge", (store, args) -> null, "reserve-handles", reserve),
            "wasi:cli/stdin@0.2.9",
            Map.of("get-stdin", (store, args) -> new Val.U32(7)));

    List<Integer> results = new ArrayList<>();
    for (byte[] component : List.of(linked, flat)) {
      results.add(
          Kit.run(
              component,
              host,
              guest -> {
                for (int i = 0; i < 16; i++) {
                  guest.number("compute", 5);
                }
                assertThat(asked).isEmpty();
                for (int i = 0; i < 16; i++) {
                  guest.number("compute", 5);
                }
                return guest.number("compute", 5);
              }));
      if (results.size() == 1) {
        assertThat(asked).isEmpty();
      }
    }
    assertThat(asked).containsExactly(new Val.U32(32), new Val.U32(48));
    assertThat(results.get(1)).isEqualTo(results.get(0));
  }
}
