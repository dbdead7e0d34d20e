package dev.capsule.flatten;

import dev.capsule.flatten.GuardRule.Effect;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The instructions of the guards. Three globals hold the state: how many handles are open, how many
 * the host has allowed, and which of the first 64 are streams of the console.
 */
final class GuardCode {
  /** Takes how many handles came to be. */
  static final FunctionType COUNT_TYPE = new FunctionType(List.of(ValueType.I32), List.of());

  static final int GLOBALS = 3;

  /** Handles that need not be asked for: the console's, the folders', and a few files. */
  private static final int FREE_HANDLES = 16;

  /** More are asked for by so many. */
  private static final int BLOCK = 16;

  /**
   * What a file, a folder or a link takes, whatever is in it, and what the system gives to files at
   * once: one byte in a hole takes as much.
   */
  private static final long BLOCK_BYTES = 4096;

  /**
   * An item of the list of granted folders: a handle, then a name. That is not for us: the adapter
   * for WASI's first preview lets all names be written to one place.
   */
  private static final int FOLDER_BYTES = 12;

  /** Bytes; no longer one comes to the host, which no file can be at. */
  private static final int MAX_PATH = 4096;

  /** What open-at takes: where the path begins and its length, open-flags, descriptor-flags. */
  private static final int PATH = 2;

  private static final int OPEN_FLAGS = 4;
  private static final int DESCRIPTOR_FLAGS = 5;

  /** Where a result that is a handle or an error has either. */
  private static final int VALUE = 4;

  /** Where a result that is a list or an error has the list's length. */
  private static final int LENGTH = 8;

  private static final int ACCESS_ERROR = 0;

  private static final int CREATE = 1;
  private static final int CONSOLE_BITS = 64;
  private static final int VOID = 0x40;

  private final ToIntFunction<HostFunction> host;
  private final int count;
  private final int open;
  private final int allowed;
  private final int console;

  /**
   * All are indices in the merged module.
   *
   * @param host the imported functions
   * @param count the function that {@link #writeCount} writes
   * @param firstGlobal the first of three globals
   */
  GuardCode(ToIntFunction<HostFunction> host, int count, int firstGlobal) {
    this.host = host;
    this.count = count;
    this.open = firstGlobal;
    this.allowed = firstGlobal + 1;
    this.console = firstGlobal + 2;
  }

  static void writeGlobals(BinaryWriter out) {
    int mutable = 1;
    out.u8(ValueType.I32).u8(mutable);
    Constant.i32(0).writeExpression(out);
    out.u8(ValueType.I32).u8(mutable);
    Constant.i32(FREE_HANDLES).writeExpression(out);
    out.u8(ValueType.I64).u8(mutable);
    new Constant(ValueType.I64, 0).writeExpression(out);
  }

  /** The body of the function that counts handles, and asks the host when there are many. */
  void writeCount(BinaryWriter out) {
    out.u32(0); // locals
    globalGet(out, open);
    localGet(out, 0).u8(Opcode.I32_ADD);
    globalSet(out, open);
    out.u8(Opcode.BLOCK).u8(VOID);
    globalGet(out, open);
    globalGet(out, allowed);
    out.u8(Opcode.I32_LE_U).u8(Opcode.BR_IF).u32(0);
    globalGet(out, open);
    i32(out, BLOCK - 1).u8(Opcode.I32_ADD);
    globalSet(out, allowed);
    globalGet(out, allowed);
    call(out, HostFunction.RESERVE_HANDLES);
    out.u8(Opcode.END).u8(Opcode.END);
  }

  /** The body of a guard. */
  void write(GuardRule rule, int imported, BinaryWriter out) {
    int parameters = rule.type().parameters().size();
    List<Integer> results = rule.type().results();
    List<Integer> locals = isListing(rule) ? List.of(ValueType.I32) : results;
    out.vector(locals, (to, type) -> to.u32(1).u8(type));
    rule.effects().forEach(effect -> before(effect, rule.type(), out));
    if (rule.effects().stream().noneMatch(Effect.Refuse.class::isInstance)) {
      for (int i = 0; i < parameters; i++) {
        localGet(out, i);
      }
      call(out, imported);
      if (!results.isEmpty()) {
        out.u8(Opcode.LOCAL_SET).u32(parameters);
      }
    }
    rule.effects().forEach(effect -> after(effect, parameters, out));
    if (!results.isEmpty()) {
      localGet(out, parameters);
    }
    out.u8(Opcode.END);
  }

  /** Such a rule's function has no result, and its guard a local that counts folders. */
  private static boolean isListing(GuardRule rule) {
    return rule.effects().stream().anyMatch(Effect.Folders.class::isInstance);
  }

  private void before(Effect effect, FunctionType type, BinaryWriter out) {
    switch (effect) {
      case Effect.Charge(long bytes) -> {
        i64(out, bytes);
        call(out, HostFunction.CHARGE);
      }
      case Effect.ChargeParameter(int parameter) -> {
        bytes(out, parameter, type);
        call(out, HostFunction.CHARGE);
      }
      case Effect.ChargeWrite(int parameter) -> {
        out.u8(Opcode.BLOCK).u8(VOID);
        isConsole(out);
        out.u8(Opcode.BR_IF).u32(0);
        bytes(out, parameter, type);
        call(out, HostFunction.CHARGE);
        out.u8(Opcode.END);
      }
      case Effect.ChargeCreate(int parameter) -> {
        out.u8(Opcode.BLOCK).u8(VOID);
        localGet(out, parameter);
        i32(out, CREATE).u8(Opcode.I32_AND).u8(Opcode.I32_EQZ).u8(Opcode.BR_IF).u32(0);
        i64(out, BLOCK_BYTES);
        call(out, HostFunction.CHARGE);
        out.u8(Opcode.END);
      }
      case Effect.ChargeBlocks(int parameter, int offset) -> {
        localGet(out, offset);
        i64(out, BLOCK_BYTES - 1).u8(Opcode.I64_AND);
        bytes(out, parameter, type);
        out.u8(Opcode.I64_ADD);
        i64(out, BLOCK_BYTES - 1).u8(Opcode.I64_ADD);
        i64(out, -BLOCK_BYTES).u8(Opcode.I64_AND);
        call(out, HostFunction.CHARGE);
      }
      case Effect.ChargeSeek(int parameter) -> {
        out.u8(Opcode.BLOCK).u8(VOID);
        localGet(out, parameter).u8(Opcode.I64_EQZ).u8(Opcode.BR_IF).u32(0);
        i64(out, BLOCK_BYTES);
        call(out, HostFunction.CHARGE);
        out.u8(Opcode.END);
      }
      case Effect.Refuse(int error) -> {
        fail(out, type.parameters().size() - 1, error, 1);
      }
      case Effect.Path(int parameter, int errorOffset) -> {
        out.u8(Opcode.BLOCK).u8(VOID).u8(Opcode.BLOCK).u8(VOID);
        localGet(i32(out, MAX_PATH), parameter + 1).u8(Opcode.I32_LT_U).u8(Opcode.BR_IF).u32(0);
        localGet(localGet(out, parameter), parameter + 1);
        call(out, HostFunction.MAY_USE);
        out.u8(Opcode.BR_IF).u32(1).u8(Opcode.END);
        fail(out, type.parameters().size() - 1, ACCESS_ERROR, errorOffset);
        out.u8(Opcode.RETURN).u8(Opcode.END);
      }
      case Effect.Opened _,
          Effect.Streamed _,
          Effect.Read _,
          Effect.Wrote _,
          Effect.WroteSome _,
          Effect.Closed _,
          Effect.Folders _,
          Effect.Handle _,
          Effect.HandlesIfOk _,
          Effect.HandleIfSome _,
          Effect.HandleList _,
          Effect.HandleOfError _,
          Effect.Drop _ -> {}
    }
  }

  /** Puts on the stack how many handles came to be, and counts them. */
  private void after(Effect effect, int parameters, BinaryWriter out) {
    int memory = parameters - 1; // the last parameter: where the result is written to
    switch (effect) {
      case Effect.Charge _,
          Effect.ChargeParameter _,
          Effect.ChargeWrite _,
          Effect.ChargeCreate _,
          Effect.ChargeBlocks _,
          Effect.ChargeSeek _,
          Effect.Path _,
          Effect.Refuse _ -> {}
      case Effect.Opened() -> opened(out, memory);
      case Effect.Streamed() ->
          ifOk(
              memory,
              out,
              () -> {
                load(localGet(localGet(out, 0), memory), VALUE);
                call(out, HostFunction.STREAMED);
              });
      case Effect.Read() ->
          ifOk(memory, out, () -> moved(false, () -> load(localGet(out, memory), LENGTH), out));
      case Effect.Wrote(int parameter) -> {
        out.u8(Opcode.BLOCK).u8(VOID);
        isConsole(out);
        out.u8(Opcode.BR_IF).u32(0);
        ifOk(memory, out, () -> moved(true, () -> localGet(out, parameter), out));
        out.u8(Opcode.END);
      }
      case Effect.WroteSome(int offset) -> // no more than a list can have
          ifOk(memory, out, () -> moved(true, () -> load(localGet(out, memory), offset), out));
      case Effect.Closed() -> {
        localGet(out, 0);
        call(out, HostFunction.CLOSED);
      }
      case Effect.Folders() -> folders(out, memory, parameters);
      case Effect.Handle(boolean isConsole) -> {
        i32(out, 1);
        call(out, count);
        if (isConsole) {
          setConsole(out, parameters);
        }
      }
      case Effect.HandlesIfOk(int handles) -> {
        loadByte(localGet(out, memory), 0).u8(Opcode.I32_EQZ);
        i32(out, handles).u8(Opcode.I32_MUL);
        call(out, count);
      }
      case Effect.HandleIfSome() -> {
        loadByte(localGet(out, memory), 0);
        i32(out, 1).u8(Opcode.I32_EQ);
        call(out, count);
      }
      case Effect.HandleList() -> {
        load(localGet(out, memory), 4); // the length
        call(out, count);
      }
      case Effect.HandleOfError(int offset) -> {
        loadByte(localGet(out, memory), 0);
        i32(out, 1).u8(Opcode.I32_EQ);
        loadByte(localGet(out, memory), offset).u8(Opcode.I32_EQZ).u8(Opcode.I32_AND);
        call(out, count);
      }
      case Effect.Drop(int handles, boolean stream) -> {
        globalGet(out, open);
        i32(out, handles).u8(Opcode.I32_SUB);
        globalSet(out, open);
        if (stream) {
          clearConsole(out);
        }
      }
    }
  }

  /** Writes a result that is an error, whose kind is at an offset. */
  private static void fail(BinaryWriter out, int memory, int error, int offset) {
    storeByte(i32(localGet(out, memory), 1), 0);
    storeByte(i32(localGet(out, memory), error), offset);
  }

  private void opened(BinaryWriter out, int memory) {
    localGet(out, 0);
    localGet(out, PATH);
    localGet(out, PATH + 1);
    localGet(out, DESCRIPTOR_FLAGS);
    i32(localGet(out, OPEN_FLAGS), Byte.SIZE).u8(Opcode.I32_SHL).u8(Opcode.I32_OR);
    loadByte(localGet(out, memory), 0);
    load(localGet(out, memory), VALUE);
    call(out, HostFunction.OPENED);
  }

  /** Does something if the result in memory is not an error. */
  private static void ifOk(int memory, BinaryWriter out, Runnable does) {
    out.u8(Opcode.BLOCK).u8(VOID);
    loadByte(localGet(out, memory), 0).u8(Opcode.BR_IF).u32(0);
    does.run();
    out.u8(Opcode.END);
  }

  private void moved(boolean written, Runnable bytes, BinaryWriter out) {
    i32(localGet(out, 0), written ? 1 : 0);
    bytes.run();
    out.u8(Opcode.I64_EXTEND_I32_U);
    call(out, HostFunction.MOVED);
  }

  private void folders(BinaryWriter out, int memory, int counter) {
    out.u8(Opcode.BLOCK).u8(VOID).u8(Opcode.LOOP).u8(VOID);
    localGet(out, counter);
    load(localGet(out, memory), 4).u8(Opcode.I32_GE_U).u8(Opcode.BR_IF).u32(1);
    load(localGet(out, memory), 0);
    i32(localGet(out, counter), FOLDER_BYTES).u8(Opcode.I32_MUL).u8(Opcode.I32_ADD);
    load(out, 0);
    localGet(out, counter);
    call(out, HostFunction.GRANTED);
    i32(localGet(out, counter), 1).u8(Opcode.I32_ADD).u8(Opcode.LOCAL_SET).u32(counter);
    out.u8(Opcode.BR).u32(0).u8(Opcode.END).u8(Opcode.END);
  }

  /** Whether parameter 0 is a stream of the console. */
  private void isConsole(BinaryWriter out) {
    localGet(out, 0);
    i32(out, CONSOLE_BITS).u8(Opcode.I32_LT_U);
    globalGet(out, console);
    localGet(out, 0).u8(Opcode.I64_EXTEND_I32_U).u8(Opcode.I64_SHR_U).u8(Opcode.I32_WRAP_I64);
    i32(out, 1).u8(Opcode.I32_AND).u8(Opcode.I32_AND);
  }

  /** A handle with a higher number than there are bits is charged for, as a file is. */
  private void setConsole(BinaryWriter out, int local) {
    out.u8(Opcode.BLOCK).u8(VOID);
    localGet(out, local);
    i32(out, CONSOLE_BITS).u8(Opcode.I32_LT_U).u8(Opcode.I32_EQZ).u8(Opcode.BR_IF).u32(0);
    globalGet(out, console);
    bit(out, local).u8(Opcode.I64_OR);
    globalSet(out, console);
    out.u8(Opcode.END);
  }

  private void clearConsole(BinaryWriter out) {
    out.u8(Opcode.BLOCK).u8(VOID);
    localGet(out, 0);
    i32(out, CONSOLE_BITS).u8(Opcode.I32_LT_U).u8(Opcode.I32_EQZ).u8(Opcode.BR_IF).u32(0);
    globalGet(out, console);
    i64(bit(out, 0), -1).u8(Opcode.I64_XOR).u8(Opcode.I64_AND);
    globalSet(out, console);
    out.u8(Opcode.END);
  }

  private static BinaryWriter bit(BinaryWriter out, int local) {
    i64(out, 1);
    return localGet(out, local).u8(Opcode.I64_EXTEND_I32_U).u8(Opcode.I64_SHL);
  }

  private static void bytes(BinaryWriter out, int parameter, FunctionType type) {
    localGet(out, parameter);
    if (type.parameters().get(parameter) == ValueType.I32) {
      out.u8(Opcode.I64_EXTEND_I32_U);
    }
  }

  private static BinaryWriter load(BinaryWriter out, int offset) {
    int alignment = 2;
    return out.u8(Opcode.I32_LOAD).u32(alignment).u32(offset);
  }

  private static BinaryWriter loadByte(BinaryWriter out, int offset) {
    return out.u8(Opcode.I32_LOAD8_U).u32(0).u32(offset);
  }

  private static void storeByte(BinaryWriter out, int offset) {
    out.u8(Opcode.I32_STORE8).u32(0).u32(offset);
  }

  private static BinaryWriter localGet(BinaryWriter out, int local) {
    return out.u8(Opcode.LOCAL_GET).u32(local);
  }

  private static void globalGet(BinaryWriter out, int global) {
    out.u8(Opcode.GLOBAL_GET).u32(global);
  }

  private static void globalSet(BinaryWriter out, int global) {
    out.u8(Opcode.GLOBAL_SET).u32(global);
  }

  private void call(BinaryWriter out, HostFunction function) {
    call(out, host.applyAsInt(function));
  }

  private static void call(BinaryWriter out, int function) {
    out.u8(Opcode.CALL).u32(function);
  }

  private static BinaryWriter i32(BinaryWriter out, int value) {
    return out.u8(Opcode.I32_CONST).signed(value);
  }

  private static BinaryWriter i64(BinaryWriter out, long value) {
    return out.u8(Opcode.I64_CONST).signed(value);
  }
}
