package dev.capsule.wasmtime;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value of a component function's parameter or result. Values are immutable; a value whose kind
 * does not fit the function's type is refused by the call. Unsigned numbers are held in the next
 * larger signed type, except {@link U64}.
 */
public sealed interface Val {
  /** {@code bool}. */
  record Bool(boolean value) implements Val {}

  /** {@code s8}. */
  record S8(byte value) implements Val {}

  /** {@code u8}, 0 to 255. */
  record U8(int value) implements Val {
    /** Checks the range. */
    public U8 {
      Check.range("u8", value, 0, 0xff);
    }
  }

  /** {@code s16}. */
  record S16(short value) implements Val {}

  /** {@code u16}, 0 to 65,535. */
  record U16(int value) implements Val {
    /** Checks the range. */
    public U16 {
      Check.range("u16", value, 0, 0xffff);
    }
  }

  /** {@code s32}. */
  record S32(int value) implements Val {}

  /** {@code u32}, 0 to 4,294,967,295. */
  record U32(long value) implements Val {
    /** Checks the range. */
    public U32 {
      Check.range("u32", value, 0, 0xffff_ffffL);
    }
  }

  /** {@code s64}. */
  record S64(long value) implements Val {}

  /**
   * {@code u64}.
   *
   * @param value its 64 bits; see {@link Long#toUnsignedString(long)} and its siblings
   */
  record U64(long value) implements Val {}

  /** {@code f32}. */
  record F32(float value) implements Val {}

  /** {@code f64}. */
  record F64(double value) implements Val {}

  /** {@code char}: a Unicode code point that is not a surrogate. */
  record Char(int value) implements Val {
    /** Checks the range: Wasmtime ends the process over anything else. */
    public Char {
      if (!Character.isValidCodePoint(value)
          || (value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE)) {
        throw new IllegalArgumentException("not a Unicode scalar value: " + value);
      }
    }
  }

  /**
   * {@code string}.
   *
   * @param value text; a lone surrogate reaches the guest as {@code ?}
   */
  record Str(String value) implements Val {}

  /** {@code list}. Each element costs 32 bytes of native memory: pass bulk data as a string. */
  record ListOf(List<Val> items) implements Val {
    /** Copies the list. */
    public ListOf {
      items = List.copyOf(items);
    }
  }

  /** {@code record}, with its fields in the order of its type. */
  record RecordOf(Map<String, Val> fields) implements Val {
    /** Copies the map, in its order. */
    public RecordOf {
      fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
  }

  /** {@code tuple}. */
  record TupleOf(List<Val> items) implements Val {
    /** Copies the list. */
    public TupleOf {
      items = List.copyOf(items);
    }
  }

  /** {@code variant}: the name of a case and its payload, if it has one. */
  record Variant(String name, @Nullable Val payload) implements Val {}

  /** {@code enum}: the name of a case. */
  record EnumCase(String name) implements Val {}

  /** {@code option}: null for none. */
  record OptionOf(@Nullable Val value) implements Val {}

  /** {@code flags}: the names of those that are set. */
  record Flags(Set<String> names) implements Val {
    /** Copies the set, in its order. */
    public Flags {
      names = Collections.unmodifiableSet(new LinkedHashSet<>(names));
    }
  }

  /** {@code result}. */
  sealed interface Result extends Val {
    /** The payload, if the type has one. */
    @Nullable Val value();
  }

  /** The good case of a {@code result}. */
  record Ok(@Nullable Val value) implements Result {}

  /** The bad case of a {@code result}. */
  record Err(@Nullable Val value) implements Result {}
}
