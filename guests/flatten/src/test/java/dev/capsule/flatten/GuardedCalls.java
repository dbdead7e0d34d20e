package dev.capsule.flatten;

import dev.capsule.flatten.Kit.Guest;
import dev.capsule.wasmtime.Val;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Makes calls through their guards, with nothing else around: see {@code guarded.wat}. */
final class GuardedCalls {
  /** What the guards' module imports first. */
  static final List<HostFunction> HOST = List.of(HostFunction.values());

  static final int ANSWER_BYTES = 9;

  private static final byte[] CORE_PREAMBLE = {0, 'a', 's', 'm', 1, 0, 0, 0};

  /**
   * What came of a call.
   *
   * @param charges how often the host was told of bytes that would be written
   * @param bytes how many, all in all
   * @param refused what was answered though WASI was not asked; empty if it was, after the host
   * @param handles how many more are open, or fewer
   * @param told what else the host was asked and told: numbers of functions and what they took
   */
  record Outcome(int charges, long bytes, List<Integer> refused, int handles, List<Integer> told) {}

  private GuardedCalls() {}

  /** Makes these calls in one instance, one after the other. */
  static List<Outcome> make(List<GuardedCall> calls) throws Exception {
    return run(
        calls,
        guest -> {
          List<Outcome> outcomes = new ArrayList<>();
          for (int i = 0; i < calls.size(); i++) {
            outcomes.add(make(guest, i));
          }
          return outcomes;
        });
  }

  static <T> T run(List<GuardedCall> calls, Function<Guest, T> use) throws Exception {
    byte[] component = Kit.assemble(text(calls));
    BinaryWriter out = new BinaryWriter();
    out.bytes(ComponentSection.PREAMBLE);
    out.section(ComponentSection.CORE_MODULE, to -> to.slice(guards(calls)));
    int emptyModule = ComponentSection.PREAMBLE.length + 2 + CORE_PREAMBLE.length;
    out.bytes(component, emptyModule, component.length);
    return Kit.run(out.toSlice().toByteArray(), use);
  }

  /** Makes a call of those that the guest was made for. */
  static Outcome make(Guest guest, int call) {
    int charges = guest.number("charged");
    long bytes = bytes(guest);
    int done = guest.number("done");
    int open = guest.number("open");
    int told = guest.number("told");
    guest.run("call" + call);
    boolean isDone = guest.number("done") > done;
    if (isDone && guest.number("charged-before") < guest.number("charged")) {
      throw new AssertionError("done before the host was told");
    }
    return new Outcome(
        guest.number("charged") - charges,
        bytes(guest) - bytes,
        isDone ? List.of() : answer(guest),
        guest.number("open") - open,
        words(guest, told, guest.number("told")));
  }

  private static List<Integer> words(Guest guest, int from, int to) {
    return IntStream.range(from / 4, to / 4).mapToObj(i -> guest.word(4 * i)).toList();
  }

  /** The bytes that a refusal has written, with -1 for each that it has not. */
  private static List<Integer> answer(Guest guest) {
    return IntStream.range(0, ANSWER_BYTES)
        .mapToObj(i -> guest.number("byte", GuardedCall.RESULT + i))
        .map(b -> b == 0xff ? -1 : b)
        .toList();
  }

  private static long bytes(Guest guest) {
    return ((Val.U64) guest.call("bytes")).value();
  }

  private static String text(List<GuardedCall> calls) {
    StringBuilder wasi = new StringBuilder();
    StringBuilder imports = new StringBuilder();
    StringBuilder guest = new StringBuilder();
    StringBuilder exports = new StringBuilder();
    for (int i = 0; i < calls.size(); i++) {
      wasi.append(calls.get(i).wasi(i));
      imports.append(calls.get(i).guestImport(i));
      guest.append(calls.get(i).guest(i));
      exports.append(GuardedCall.export(i));
    }
    return Kit.resource("guarded.wat")
        .replace(";;@wasi\n", wasi)
        .replace(";;@imports\n", imports)
        .replace(";;@guest\n", guest)
        .replace(";;@exports\n", exports);
  }

  /** A module of the guards, the function that counts, and their globals. */
  private static Slice guards(List<GuardedCall> calls) {
    List<GuardRule> rules = calls.stream().map(GuardedCall::rule).toList();
    int count = HOST.size() + rules.size();
    GuardCode code = new GuardCode(HOST::indexOf, count, 0);
    List<FunctionType> types = new ArrayList<>();
    for (HostFunction function : HOST) {
      types.add(function.type());
    }
    rules.forEach(rule -> types.add(rule.type()));
    BinaryWriter out = new BinaryWriter();
    out.bytes(CORE_PREAMBLE);
    out.section(1, to -> to.vector(types, (w, type) -> type.write(w)));
    out.section(2, to -> writeImports(to, rules.size()));
    out.section(
        3,
        to -> {
          to.u32(1 + rules.size())
              .u32(HOST.indexOf(HostFunction.RESERVE_HANDLES)); // of the same type
          forEach(rules, i -> to.u32(HOST.size() + i));
        });
    out.section(
        6,
        to -> {
          to.u32(GuardCode.GLOBALS);
          GuardCode.writeGlobals(to);
        });
    out.section(
        7,
        to -> {
          to.u32(1 + rules.size()).name("open").u8(ExternKind.GLOBAL.code()).u32(0);
          forEach(
              rules, i -> to.name("guard" + i).u8(ExternKind.FUNCTION.code()).u32(count + 1 + i));
        });
    out.section(
        10,
        to -> {
          to.u32(1 + rules.size()).sized(code::writeCount);
          forEach(rules, i -> to.sized(w -> code.write(rules.get(i), HOST.size() + i, w)));
        });
    return out.toSlice();
  }

  private static void writeImports(BinaryWriter to, int rules) {
    to.u32(HOST.size() + rules + 1);
    for (HostFunction function : HOST) {
      imported(to, function.importName(), ExternKind.FUNCTION).u32(HOST.indexOf(function));
    }
    for (int i = 0; i < rules; i++) {
      imported(to, "import" + i, ExternKind.FUNCTION).u32(HOST.size() + i);
    }
    imported(to, "memory", ExternKind.MEMORY).u8(0).u32(1);
  }

  private static BinaryWriter imported(BinaryWriter to, String name, ExternKind kind) {
    return to.name("wasi").name(name).u8(kind.code());
  }

  private static void forEach(List<?> all, IntConsumer use) {
    for (int i = 0; i < all.size(); i++) {
      use.accept(i);
    }
  }
}
