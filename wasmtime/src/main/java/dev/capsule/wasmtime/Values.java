package dev.capsule.wasmtime;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Copies values between {@link Val} and {@code wasmtime_component_val_t}: a kind in the first byte,
 * and at offset 8 the value itself, a vector (length, address), or a pointer to a boxed value.
 */
final class Values {
  /** Size of {@code wasmtime_component_val_t}. All zero it is {@code false}. */
  static final long VAL = 32;

  private static final long OF = 8;

  /** A record's entry is a name and a value. */
  private static final long ENTRY = Memory.VEC + VAL;

  /** No type nests deeper, and the library's own recursion over a value is not guarded. */
  private static final int MAX_DEPTH = 100;

  private static final int BOOL = 0;
  private static final int S8 = 1;
  private static final int U8 = 2;
  private static final int S16 = 3;
  private static final int U16 = 4;
  private static final int S32 = 5;
  private static final int U32 = 6;
  private static final int S64 = 7;
  private static final int U64 = 8;
  private static final int F32 = 9;
  private static final int F64 = 10;
  private static final int CHAR = 11;
  private static final int STRING = 12;
  private static final int LIST = 13;
  private static final int RECORD = 14;
  private static final int TUPLE = 15;
  private static final int VARIANT = 16;
  private static final int ENUM = 17;
  private static final int OPTION = 18;
  private static final int RESULT = 19;
  private static final int FLAGS = 20;

  private final Api api;

  Values(Api api) {
    this.api = api;
  }

  /** Copies {@code count} values out of native memory, which stays the library's. */
  List<Val> readAll(long address, long count) {
    int n = Math.toIntExact(count);
    List<Val> values = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      values.add(read(address + i * VAL));
    }
    return values;
  }

  /** Copies a value out of native memory, which stays the library's. */
  Val read(long val) {
    int kind = Memory.getByte(val);
    long of = val + OF;
    return switch (kind) {
      case BOOL -> new Val.Bool(Memory.getByte(of) != 0);
      case S8 -> new Val.S8(Memory.getByte(of));
      case U8 -> new Val.U8(Byte.toUnsignedInt(Memory.getByte(of)));
      case S16 -> new Val.S16(Memory.getShort(of));
      case U16 -> new Val.U16(Short.toUnsignedInt(Memory.getShort(of)));
      case S32 -> new Val.S32(Memory.getInt(of));
      case U32 -> new Val.U32(Integer.toUnsignedLong(Memory.getInt(of)));
      case S64 -> new Val.S64(Memory.getLong(of));
      case U64 -> new Val.U64(Memory.getLong(of));
      case F32 -> new Val.F32(Memory.getFloat(of));
      case F64 -> new Val.F64(Memory.getDouble(of));
      case CHAR -> new Val.Char(Memory.getInt(of));
      case STRING -> new Val.Str(Memory.vecText(of));
      case LIST -> new Val.ListOf(readAll(Memory.getLong(of + 8), Memory.getLong(of)));
      case RECORD -> new Val.RecordOf(readFields(of));
      case TUPLE -> new Val.TupleOf(readAll(Memory.getLong(of + 8), Memory.getLong(of)));
      case VARIANT -> new Val.Variant(Memory.vecText(of), readBox(of + Memory.VEC));
      case ENUM -> new Val.EnumCase(Memory.vecText(of));
      case OPTION -> new Val.OptionOf(readBox(of));
      case RESULT ->
          Memory.getByte(of) != 0 ? new Val.Ok(readBox(of + 8)) : new Val.Err(readBox(of + 8));
      case FLAGS -> new Val.Flags(readNames(of));
      default ->
          throw new UnsupportedOperationException(
              "values of kind " + kind + " (resources, maps) are not supported");
    };
  }

  private @Nullable Val readBox(long pointer) {
    long boxed = Memory.getLong(pointer);
    return boxed == 0 ? null : read(boxed);
  }

  private Map<String, Val> readFields(long vec) {
    long entry = Memory.getLong(vec + 8);
    Map<String, Val> fields = new LinkedHashMap<>();
    for (long left = Memory.getLong(vec); left > 0; left--, entry += ENTRY) {
      fields.put(Memory.vecText(entry), read(entry + Memory.VEC));
    }
    return fields;
  }

  private static Set<String> readNames(long vec) {
    long name = Memory.getLong(vec + 8);
    Set<String> names = new LinkedHashSet<>();
    for (long left = Memory.getLong(vec); left > 0; left--, name += Memory.VEC) {
      names.add(Memory.vecText(name));
    }
    return names;
  }

  /**
   * Allocates values, all false so far. {@link #delete} frees what they come to hold; the values
   * themselves are the arena's.
   */
  long allocate(Arena arena, int count) {
    return count == 0 ? 0 : arena.allocate(count * VAL, 8).address();
  }

  /** Frees what values hold, whether they were written in full, in part, or not at all. */
  void delete(long address, int count) {
    for (int i = 0; i < count; i++) {
      api.valDelete.run(address + i * VAL);
    }
  }

  /**
   * Clears the bytes that the library leaves as they are when it makes a {@code false}: a null
   * pointer is to be expected where nothing was written.
   */
  static void blank(long val) {
    Memory.zero(val, VAL);
  }

  /**
   * Writes a value where {@code false} is, and only zeros besides. At every moment the memory holds
   * a valid value, so that it can be deleted if the writing fails half-way.
   */
  void write(Val value, long val) {
    write(value, val, MAX_DEPTH);
  }

  private void write(Val value, long val, int depth) {
    if (depth == 0) {
      throw new IllegalArgumentException("a value is nested deeper than " + MAX_DEPTH);
    }
    long of = val + OF;
    switch (value) {
      case Val.Bool(boolean v) -> Memory.putByte(of, v ? 1 : 0);
      case Val.S8(byte v) -> Memory.putByte(tag(val, S8), v);
      case Val.U8(int v) -> Memory.putByte(tag(val, U8), v);
      case Val.S16(short v) -> Memory.putShort(tag(val, S16), v);
      case Val.U16(int v) -> Memory.putShort(tag(val, U16), v);
      case Val.S32(int v) -> Memory.putInt(tag(val, S32), v);
      case Val.U32(long v) -> Memory.putInt(tag(val, U32), (int) v);
      case Val.S64(long v) -> Memory.putLong(tag(val, S64), v);
      case Val.U64(long v) -> Memory.putLong(tag(val, U64), v);
      case Val.F32(float v) -> Memory.putFloat(tag(val, F32), v);
      case Val.F64(double v) -> Memory.putDouble(tag(val, F64), v);
      case Val.Char(int v) -> Memory.putInt(tag(val, CHAR), v);
      case Val.Str(String v) -> {
        writeText(v, of);
        tag(val, STRING);
      }
      case Val.ListOf(List<Val> items) -> writeItems(items, val, LIST, api.listNew, depth);
      case Val.TupleOf(List<Val> items) -> writeItems(items, val, TUPLE, api.tupleNew, depth);
      case Val.RecordOf(Map<String, Val> fields) -> writeFields(fields, val, depth);
      case Val.Variant(String name, Val payload) -> {
        writeText(name, of);
        tag(val, VARIANT);
        writeBox(payload, of + Memory.VEC, depth);
      }
      case Val.EnumCase(String name) -> {
        writeText(name, of);
        tag(val, ENUM);
      }
      case Val.OptionOf(Val v) -> writeBox(v, tag(val, OPTION), depth);
      case Val.Ok(Val v) -> {
        Memory.putByte(tag(val, RESULT), 1);
        writeBox(v, of + 8, depth);
      }
      case Val.Err(Val v) -> writeBox(v, tag(val, RESULT) + 8, depth);
      case Val.Flags(Set<String> names) -> writeNames(names, val);
    }
  }

  /** Says what kind a value is; returns where it is. */
  private static long tag(long val, int kind) {
    Memory.putByte(val, kind);
    return val + OF;
  }

  /** Fills a {@code wasm_name_t}. */
  void writeText(String text, long vec) {
    writeBytes(text.getBytes(StandardCharsets.UTF_8), vec);
  }

  /** Fills a {@code wasm_byte_vec_t}. */
  void writeBytes(byte[] bytes, long vec) {
    api.bytesNew.run(vec, (long) bytes.length);
    if (bytes.length > 0) {
      Memory.putBytes(Memory.getLong(vec + 8), bytes);
    }
  }

  private void writeItems(List<Val> items, long val, int kind, Symbol allocate, int depth) {
    long data = newVec(allocate, val, kind, items.size(), VAL);
    for (Val item : items) {
      write(item, data, depth - 1);
      data += VAL;
    }
  }

  private void writeFields(Map<String, Val> fields, long val, int depth) {
    long data = newVec(api.recordNew, val, RECORD, fields.size(), ENTRY);
    for (Map.Entry<String, Val> field : fields.entrySet()) {
      writeText(field.getKey(), data);
      write(field.getValue(), data + Memory.VEC, depth - 1);
      data += ENTRY;
    }
  }

  private void writeNames(Set<String> names, long val) {
    long data = newVec(api.flagsNew, val, FLAGS, names.size(), Memory.VEC);
    for (String name : names) {
      writeText(name, data);
      data += Memory.VEC;
    }
  }

  /** The library leaves a new vector uninitialised; zeros are valid elements of every kind. */
  private static long newVec(Symbol allocate, long val, int kind, int size, long elementBytes) {
    allocate.run(val + OF, (long) size);
    long data = Memory.getLong(val + OF + 8);
    if (size > 0) {
      Memory.zero(data, size * elementBytes);
    }
    tag(val, kind);
    return data;
  }

  private void writeBox(@Nullable Val value, long pointer, int depth) {
    if (value == null) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      long boxed = api.valNew.get(allocate(arena, 1));
      blank(boxed);
      Memory.putLong(pointer, boxed);
      write(value, boxed, depth - 1);
    }
  }
}
