package dev.capsule.flatten;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capsule.flatten.Flatten.Summary;
import dev.capsule.wasmtime.Val;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A flattened component does what the linked one did, and tells its memory's size. */
class FlattenTest {
  @Test
  void behavesAsTheLinkedOne() throws Exception {
    byte[] linked = Kit.assemble(Kit.linked());
    List<Object> before = Kit.run(linked, FlattenTest::everything);

    assertThat(Kit.run(Kit.flatten(linked), FlattenTest::everything)).isEqualTo(before);
    // 5; 5 * 5 + 2 by way of the stub; 'h'; 7 from passive data; 7 from the host; 5; 2.
    int computed = 5 + (5 * 5 + 2) + 100 * 'e' + 7 + 7 + 5 + 2;
    assertThat(before)
        .containsExactly(
            new Val.Str("Hello, Zoë"), 1, computed, 2, 4, 8, 2, 5, new Val.Str("Hello, "), 2);
  }

  /** As newer versions of wit-component write it: the fixup is given the shim beside the slots. */
  @Test
  void takesAFixupWithTheTableByItself() throws Exception {
    byte[] linked = Kit.assemble(withTableByItself("$shim"));

    assertThat(Kit.run(Kit.flatten(linked), FlattenTest::everything))
        .isEqualTo(Kit.run(linked, FlattenTest::everything));
  }

  @Test
  void refusesAFixupWithAnotherTable() {
    String text =
        withTableByItself("$tables")
            .replace(
                "(core instance $slots",
                "(core instance $tables (export \"$imports\" (table $table)))\n  (core instance $slots");

    assertThatThrownBy(() -> Flatten.flatten(Kit.assemble(text)))
        .isInstanceOf(FlattenException.class)
        .hasMessageContaining("\"shim\" is not the shim");
  }

  private static String withTableByItself(String instance) {
    return Kit.linked()
        .replace("(import \"\" \"$imports\" (table", "(import \"shim\" \"$imports\" (table")
        .replace("(export \"$imports\" (table $imports)) (export \"0\"", "(export \"0\"")
        .replace(
            "(instantiate $fixup (with \"\" (instance $slots))",
            "(instantiate $fixup (with \"\" (instance $slots)) (with \"shim\" (instance %s))"
                .formatted(instance));
  }

  private static List<Object> everything(Kit.Guest guest) {
    List<Object> results = new ArrayList<>();
    results.add(guest.call("run", new Val.Str("Zoë")));
    results.add(guest.number("calls"));
    results.add(guest.number("compute", 5));
    results.add(guest.number("bump"));
    results.add(guest.number("bump"));
    results.add(guest.number("table-size"));
    results.add(guest.number("grow", 3));
    results.add(guest.number("grow", 0));
    results.add(guest.call("run", new Val.Str("")));
    results.add(guest.number("calls"));
    return results;
  }

  @Test
  void tellsTheSizeOfTheMemory() throws Exception {
    byte[] flat = Kit.flatten(Kit.assemble(Kit.linked()));

    List<Integer> pages =
        Kit.run(
            flat,
            guest -> {
              int atFirst = guest.number("memory-pages");
              guest.number("grow", 3);
              return List.of(atFirst, guest.number("memory-pages"));
            });
    assertThat(pages).containsExactly(2, 5);
  }

  @Test
  void mergesFoldsAndLeavesOut() {
    Summary summary = Flatten.flatten(Kit.assemble(Kit.linked())).summary();

    // Not kept: what applied relocations, and the stub. Constant: all bases and the GOT's entry.
    assertThat(summary).isEqualTo(new Summary(3, 18, 16, 2, 5, 8, 1));
  }

  @Test
  void leavesThreeCoreModules() {
    Component flat = ComponentReader.read(Kit.flatten(Kit.assemble(Kit.linked())));

    assertThat(flat.modules()).hasSize(3);
    assertThat(flat.instances()).hasSize(5);
    assertThat(flat.exports()).contains("run", "compute", "memory-pages");
    assertThat(flat.modules().get(1).functionNames()).containsValues("weigh", "memory-pages");
  }

  @Test
  void keepsStubsWhenTheTableMayChange() throws Exception {
    String text =
        Kit.replace(
            "(func (export \"table_size\") (result i32) table.size 0)",
            """
            (func (export "table_size") (result i32)
              (table.set (i32.const 5) (ref.func $first))
              table.size 0)
            """);
    byte[] linked = Kit.assemble(text);
    Flatten.Result flat = Flatten.flatten(linked);

    assertThat(flat.summary().stubs()).isZero();
    for (byte[] component : List.of(linked, flat.component().toByteArray())) {
      List<Integer> results =
          Kit.run(
              component,
              guest -> {
                int before = guest.number("compute", 5);
                guest.number("table-size");
                return List.of(before, guest.number("compute", 5));
              });
      // Slot 5 held x * x + y and now holds x.
      assertThat(results.get(0) - results.get(1)).isEqualTo(5 * 5 + 2 - 5);
    }
  }

  @Test
  void keepsGlobalsThatAreWritten() throws Exception {
    // As before, but what writes to the GOT's entry can be called.
    byte[] linked =
        Kit.assemble(
            Kit.replace(
                    "(elem (global.get $table) func $relocate $one)",
                    "(elem (global.get $table) func $move $one)")
                .replace(
                    "(func (export \"apply_relocations\")",
                    "(func $move (export \"apply_relocations\")"));
    Summary summary = Flatten.flatten(linked).summary();

    assertThat(summary.globals()).isEqualTo(6);
    int before = Kit.run(linked, guest -> guest.number("compute", 1));
    int after = Kit.run(Kit.flatten(linked), guest -> guest.number("compute", 1));
    assertThat(after).isEqualTo(before);
  }

  @Test
  void keepsOtherCustomSections() {
    byte[] flat =
        Kit.flatten(Kit.assemble(Kit.linkedWith("exports", "(@custom \"producers\" \"\\00\")")));

    assertThat(new String(flat, StandardCharsets.ISO_8859_1)).contains("producers");
  }

  @Test
  void givesTheSameOutputForTheSameInput() {
    byte[] linked = Kit.assemble(Kit.linked());

    assertThat(Kit.flatten(linked)).isEqualTo(Kit.flatten(linked));
  }
}
