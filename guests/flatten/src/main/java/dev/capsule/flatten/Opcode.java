package dev.capsule.flatten;

import static dev.capsule.flatten.Operand.BLOCK_TYPE;
import static dev.capsule.flatten.Operand.DATA;
import static dev.capsule.flatten.Operand.ELEMENT;
import static dev.capsule.flatten.Operand.F32;
import static dev.capsule.flatten.Operand.F64;
import static dev.capsule.flatten.Operand.FUNCTION;
import static dev.capsule.flatten.Operand.GLOBAL;
import static dev.capsule.flatten.Operand.I32;
import static dev.capsule.flatten.Operand.I64;
import static dev.capsule.flatten.Operand.LABEL;
import static dev.capsule.flatten.Operand.LABELS;
import static dev.capsule.flatten.Operand.LANE;
import static dev.capsule.flatten.Operand.LOCAL;
import static dev.capsule.flatten.Operand.MEMORY;
import static dev.capsule.flatten.Operand.MEMORY_ACCESS;
import static dev.capsule.flatten.Operand.REFERENCE_TYPE;
import static dev.capsule.flatten.Operand.TABLE;
import static dev.capsule.flatten.Operand.TYPE;
import static dev.capsule.flatten.Operand.V128;
import static dev.capsule.flatten.Operand.VALUE_TYPES;
import static dev.capsule.flatten.Operand.ZERO;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The instructions and the shapes of their immediates, by the <a
 * href="https://webassembly.github.io/spec/core/appendix/index-instructions.html">index of
 * instructions</a>: all of WebAssembly 2.0 with SIMD, relaxed SIMD, tail calls, threads and several
 * memories. Exceptions, typed function references and garbage collection are not among them.
 *
 * <p>An instruction's code is its first byte, or, for those with a prefix, {@code prefix << 16 |
 * number}.
 */
final class Opcode {
  static final int BLOCK = 0x02;
  static final int LOOP = 0x03;
  static final int END = 0x0B;
  static final int BR = 0x0C;
  static final int BR_IF = 0x0D;
  static final int RETURN = 0x0F;
  static final int CALL = 0x10;
  static final int CALL_INDIRECT = 0x11;
  static final int RETURN_CALL = 0x12;
  static final int LOCAL_GET = 0x20;
  static final int LOCAL_SET = 0x21;
  static final int GLOBAL_GET = 0x23;
  static final int GLOBAL_SET = 0x24;
  static final int TABLE_SET = 0x26;
  static final int I32_LOAD = 0x28;
  static final int I32_LOAD8_U = 0x2D;
  static final int I32_STORE8 = 0x3A;
  static final int MEMORY_SIZE = 0x3F;
  static final int I32_CONST = 0x41;
  static final int I64_CONST = 0x42;
  static final int I32_EQZ = 0x45;
  static final int I32_EQ = 0x46;
  static final int I32_LT_U = 0x49;
  static final int I32_LE_U = 0x4D;
  static final int I32_GE_U = 0x4F;
  static final int I64_EQZ = 0x50;
  static final int I32_ADD = 0x6A;
  static final int I32_SUB = 0x6B;
  static final int I32_MUL = 0x6C;
  static final int I32_AND = 0x71;
  static final int I32_OR = 0x72;
  static final int I32_SHL = 0x74;
  static final int I64_ADD = 0x7C;
  static final int I64_AND = 0x83;
  static final int I64_OR = 0x84;
  static final int I64_XOR = 0x85;
  static final int I64_SHL = 0x86;
  static final int I64_SHR_U = 0x88;
  static final int I32_WRAP_I64 = 0xA7;
  static final int I64_EXTEND_I32_U = 0xAD;
  static final int REF_FUNC = 0xD2;
  static final int TABLE_INIT = 0xFC << 16 | 12;
  static final int TABLE_COPY = 0xFC << 16 | 14;
  static final int TABLE_GROW = 0xFC << 16 | 15;
  static final int TABLE_FILL = 0xFC << 16 | 17;

  private static final int MISC_PREFIX = 0xFC;
  private static final int VECTOR_PREFIX = 0xFD;
  private static final int ATOMIC_PREFIX = 0xFE;

  private static final @Nullable List<Operand>[] PLAIN = table(0x100);
  private static final @Nullable List<Operand>[] MISC = table(18);
  private static final @Nullable List<Operand>[] VECTOR = table(0x114);
  private static final @Nullable List<Operand>[] ATOMIC = table(0x4F);

  static {
    set(PLAIN, 0x00, 0x01); // unreachable, nop
    set(PLAIN, 0x02, 0x04, BLOCK_TYPE); // block, loop, if
    set(PLAIN, 0x05, 0x05); // else
    set(PLAIN, END, END);
    set(PLAIN, 0x0C, 0x0D, LABEL); // br, br_if
    set(PLAIN, 0x0E, 0x0E, LABELS); // br_table
    set(PLAIN, 0x0F, 0x0F); // return
    set(PLAIN, CALL, CALL, FUNCTION);
    set(PLAIN, CALL_INDIRECT, CALL_INDIRECT, TYPE, TABLE);
    set(PLAIN, RETURN_CALL, RETURN_CALL, FUNCTION);
    set(PLAIN, 0x13, 0x13, TYPE, TABLE); // return_call_indirect
    set(PLAIN, 0x1A, 0x1B); // drop, select
    set(PLAIN, 0x1C, 0x1C, VALUE_TYPES); // select t
    set(PLAIN, 0x20, 0x22, LOCAL); // local.get, local.set, local.tee
    set(PLAIN, GLOBAL_GET, GLOBAL_SET, GLOBAL);
    set(PLAIN, 0x25, TABLE_SET, TABLE); // table.get, table.set
    set(PLAIN, 0x28, 0x3E, MEMORY_ACCESS); // loads and stores
    set(PLAIN, MEMORY_SIZE, 0x40, MEMORY); // memory.size, memory.grow
    set(PLAIN, I32_CONST, I32_CONST, I32);
    set(PLAIN, I64_CONST, I64_CONST, I64);
    set(PLAIN, 0x43, 0x43, F32);
    set(PLAIN, 0x44, 0x44, F64);
    set(PLAIN, 0x45, 0xC4); // arithmetic, comparisons, conversions
    set(PLAIN, 0xD0, 0xD0, REFERENCE_TYPE); // ref.null
    set(PLAIN, 0xD1, 0xD1); // ref.is_null
    set(PLAIN, REF_FUNC, REF_FUNC, FUNCTION);

    set(MISC, 0, 7); // saturating truncations
    set(MISC, 8, 8, DATA, MEMORY); // memory.init
    set(MISC, 9, 9, DATA); // data.drop
    set(MISC, 10, 10, MEMORY, MEMORY); // memory.copy
    set(MISC, 11, 11, MEMORY); // memory.fill
    set(MISC, 12, 12, ELEMENT, TABLE); // table.init
    set(MISC, 13, 13, ELEMENT); // elem.drop
    set(MISC, 14, 14, TABLE, TABLE); // table.copy
    set(MISC, 15, 17, TABLE); // table.grow, table.size, table.fill

    set(VECTOR, 0, 11, MEMORY_ACCESS); // loads, v128.store
    set(VECTOR, 12, 13, V128); // v128.const, i8x16.shuffle
    set(VECTOR, 14, 20); // swizzle, splats
    set(VECTOR, 21, 34, LANE); // extract_lane, replace_lane
    set(VECTOR, 35, 83); // comparisons, v128 logic
    set(VECTOR, 84, 91, MEMORY_ACCESS, LANE); // load_lane, store_lane
    set(VECTOR, 92, 93, MEMORY_ACCESS); // load_zero
    set(VECTOR, 94, 0x113); // arithmetic, relaxed SIMD
    int[] unassigned = {
      0x9A, 0xA2, 0xA5, 0xA6, 0xAF, 0xB0, 0xB2, 0xB3, 0xB4, 0xBB, 0xC2, 0xC5, 0xC6, 0xCF, 0xD0,
      0xD2, 0xD3, 0xD4, 0xE2, 0xEE
    };
    for (int number : unassigned) {
      VECTOR[number] = null;
    }

    set(ATOMIC, 0, 2, MEMORY_ACCESS); // notify, wait
    set(ATOMIC, 3, 3, ZERO); // fence
    set(ATOMIC, 0x10, 0x4E, MEMORY_ACCESS); // loads, stores, read-modify-write
  }

  private Opcode() {}

  /** Reads an instruction's code. */
  static int read(BinaryReader in) {
    int first = in.u8();
    if (first < MISC_PREFIX || first > ATOMIC_PREFIX) {
      return first;
    }
    return first << 16 | Math.min(in.u32(), 0xFFFF);
  }

  /** The immediates of an instruction, or null if it is not known. */
  static @Nullable List<Operand> operands(int opcode) {
    @Nullable List<Operand>[] table =
        switch (opcode >> 16) {
          case 0 -> PLAIN;
          case MISC_PREFIX -> MISC;
          case VECTOR_PREFIX -> VECTOR;
          case ATOMIC_PREFIX -> ATOMIC;
          default -> throw new IllegalArgumentException("not an opcode: " + opcode);
        };
    int number = opcode & 0xFFFF;
    return number < table.length ? table[number] : null;
  }

  /** Its code as it is written in the specification, such as {@code 0x10} or {@code 0xfd 12}. */
  static String describe(int opcode) {
    return opcode < 0x100
        ? "0x%02x".formatted(opcode)
        : "0x%02x %d".formatted(opcode >> 16, opcode & 0xFFFF);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static @Nullable List<Operand>[] table(int size) {
    return new List[size];
  }

  private static void set(
      @Nullable List<Operand>[] table, int first, int last, Operand... operands) {
    for (int number = first; number <= last; number++) {
      table[number] = List.of(operands);
    }
  }
}
