package dev.capsule.flatten;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is not understood stops the flattener with a message that says what it is. */
class RefusalTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # mark    | what is put there                                        | what the message says
          libc      | (start $relocate)                                        | start function
          app       | (memory 1)                                               | 2 memories together
          app       | (table 1 funcref)                                        | 2 tables together
          app       | (tag)                                                    | section 13
          app       | (type (struct))                                          | plain function types
          app       | (type (sub (func)))                                      | plain function types
          app       | (func (param (ref 0)))                                   | value type 0x64
          app       | (func $odd (local anyref)) (elem declare func $odd)      | value type 0x6e
          app       | (func $odd (drop (ref.i31 (i32.const 1)))) (elem declare func $odd) | unknown instruction 0xfb
          app       | (elem funcref (ref.func $first))                         | elements are expressions
          app       | (global i32 (i32.const 1)) (export "x" (global 99))      | OK
          env       | (memory 1 1 shared)                                      | 64-bit memory
          env       | (memory i64 1)                                           | 64-bit memory
          env       | (table 1 funcref (ref.null func))                        | reference type 0x40
          app       | (global (mut externref) (ref.null extern))               | OK
          imports   | (import "env" "tag" (tag))                               | kind 0x04
          app       | (elem (global.get $gone) func) (global $gone i32 (i32.mul (i32.const 1) (i32.const 2))) | not constant
          shim      | (global i32 (i32.const 0))                               | unsupported shim
          shim      | (func (export "2") (type $bump) i32.const 1 call_indirect (type $bump)) | export "2" does not call its slot
          shim      | (func (export "2") (type $bump) i32.const 2)             | export "2" does not call its slot
          fixup     | (func)                                                   | unsupported fixup
          fixup     | (start 0)                                                | unsupported fixup
          component | (component (core module))                                | section 1 in a nested component
          component | (import "m" (core module))                               | section 3 in a component
          exports   | (core module) (core instance (instantiate 5))            | core part after a lifted function
          instances | (core instance (instantiate $shim))                      | more than one shim
          instances | (core instance (instantiate $fixup (with "" (instance $slots)))) | more than one fixup
          instances | (core func (canon task.return))                          | canonical function 0x09
          instances | (core func (canon lower (func $greet) async (memory $memory) (realloc $realloc))) | canonical option 0x06
          exports   | (func (export "memory-pages") (result u32) (canon lift (core func $app "calls"))) | "memory-pages" itself
          """)
  void isSaid(String mark, String text, String message) {
    byte[] component = Kit.assemble(Kit.linkedWith(mark, text));

    if (message.equals("OK")) {
      assertThat(Kit.flatten(component)).isNotEmpty();
    } else {
      assertThatThrownBy(() -> Flatten.flatten(component))
          .isInstanceOf(FlattenException.class)
          .hasMessageContaining(message);
    }
  }

  @Test
  void coreModuleIsNotAComponent() {
    assertThatThrownBy(() -> Flatten.flatten(Kit.assemble("(module)")))
        .isInstanceOf(FlattenException.class)
        .hasMessageContaining("not a component");
  }

  @Test
  void componentWithoutLibrariesIsRefused() {
    assertThatThrownBy(() -> Flatten.flatten(Kit.assemble("(component)")))
        .isInstanceOf(FlattenException.class)
        .hasMessageContaining("no shim and fixup");
  }

  @Test
  void slotThatIsFilledWithItselfIsRefused() {
    byte[] component =
        Kit.assemble(
            Kit.replace("(export \"1\" (func $bump))", "(export \"1\" (func $again))")
                .replace(
                    "(core instance $slots",
                    """
                    (core instance $bag (export "x" (func $shim-bump)))
                    (alias core export $bag "x" (core func $again))
                    (core instance $slots
                    """));

    assertThatThrownBy(() -> Flatten.flatten(component))
        .isInstanceOf(FlattenException.class)
        .hasMessageContaining("slot 1 is filled with itself");
  }

  @Test
  void fixupInAnotherOrderIsRefused() {
    byte[] component =
        Kit.assemble(Kit.replace("(elem (i32.const 0) func 0 1)", "(elem (i32.const 0) func 1 0)"));

    assertThatThrownBy(() -> Flatten.flatten(component))
        .isInstanceOf(FlattenException.class)
        .hasMessageContaining("unsupported fixup");
  }
}
