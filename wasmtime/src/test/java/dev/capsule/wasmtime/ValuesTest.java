package dev.capsule.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ValuesTest {
  private Engine engine;

  @BeforeAll
  void start() {
    engine = new Engine(Kit.wasmtime(), Kit.METERED);
  }

  @AfterAll
  void stop() {
    engine.close();
  }

  static Stream<Arguments> values() {
    Val text = new Val.Str("héllo 🌍 \0 end");
    String record = "(record (field \"a\" s32) (field \"b\" string))";
    String variant = "(variant (case \"text\" string) (case \"number\" u32) (case \"none\"))";
    return Stream.of(
        of("bool", "i32", new Val.Bool(true)),
        of("bool", "i32", new Val.Bool(false)),
        of("s8", "i32", new Val.S8((byte) -128)),
        of("u8", "i32", new Val.U8(255)),
        of("s16", "i32", new Val.S16((short) -32768)),
        of("u16", "i32", new Val.U16(65535)),
        of("s32", "i32", new Val.S32(Integer.MIN_VALUE)),
        of("u32", "i32", new Val.U32(4294967295L)),
        of("s64", "i64", new Val.S64(Long.MIN_VALUE)),
        of("u64", "i64", new Val.U64(-1)),
        of("f32", "f32", new Val.F32(-1.5f)),
        of("f64", "f64", new Val.F64(Math.PI)),
        of("char", "i32", new Val.Char(0x10ffff)),
        of("string", "i32 i32", text),
        of("string", "i32 i32", new Val.Str("")),
        of("(list u8)", "i32 i32", new Val.ListOf(List.of(new Val.U8(0), new Val.U8(200)))),
        of("(list string)", "i32 i32", new Val.ListOf(List.of(text, new Val.Str("")))),
        of("(list string)", "i32 i32", new Val.ListOf(List.of())),
        of(record, "i32 i32 i32", record(7, text)),
        of("(tuple u64 f64)", "i64 f64", new Val.TupleOf(List.of(new Val.U64(1), new Val.F64(2)))),
        of(variant, "i32 i32 i32", new Val.Variant("text", text)),
        of(variant, "i32 i32 i32", new Val.Variant("number", new Val.U32(5))),
        of(variant, "i32 i32 i32", new Val.Variant("none", null)),
        of("(enum \"red\" \"green\")", "i32", new Val.EnumCase("green")),
        of("(option u32)", "i32 i32", new Val.OptionOf(new Val.U32(5))),
        of("(option u32)", "i32 i32", new Val.OptionOf(null)),
        of("(option (option string))", "i32 i32 i32 i32", new Val.OptionOf(new Val.OptionOf(null))),
        of("(result string (error u8))", "i32 i32 i32", new Val.Ok(text)),
        of("(result string (error u8))", "i32 i32 i32", new Val.Err(new Val.U8(9))),
        of("(result)", "i32", new Val.Ok(null)),
        of("(result)", "i32", new Val.Err(null)),
        of("(flags \"r\" \"w\" \"x\")", "i32", new Val.Flags(Set.of("x"))),
        of("(flags \"r\" \"w\" \"x\")", "i32", new Val.Flags(Set.of())));
  }

  private static Arguments of(String type, String flat, Val value) {
    return Arguments.of(type, List.of(flat.split(" ")), value);
  }

  private static Val record(int a, Val b) {
    Map<String, Val> fields = new LinkedHashMap<>();
    fields.put("a", new Val.S32(a));
    fields.put("b", b);
    return new Val.RecordOf(fields);
  }

  @ParameterizedTest
  @MethodSource("values")
  void goesThroughAGuestAndBack(String type, List<String> flat, Val value) throws Exception {
    List<Val> seen = new ArrayList<>();

    Val returned = RoundTrip.send(engine, type, flat, value, seen);

    assertThat(seen).containsExactly(value);
    assertThat(returned).isEqualTo(value);
  }

  @Test
  void goesThroughAGuestNested() throws Exception {
    // Named types cannot nest inside an unnamed one: lists, tuples, options and results can.
    String type = "(list (tuple (option string) (result (list u16) (error string))))";
    Val value =
        new Val.ListOf(
            List.of(
                new Val.TupleOf(
                    List.of(
                        new Val.OptionOf(new Val.Str("a")),
                        new Val.Ok(new Val.ListOf(List.of(new Val.U16(1), new Val.U16(2)))))),
                new Val.TupleOf(List.of(new Val.OptionOf(null), new Val.Err(new Val.Str("b"))))));
    List<Val> seen = new ArrayList<>();

    assertThat(RoundTrip.send(engine, type, List.of("i32", "i32"), value, seen)).isEqualTo(value);
    assertThat(seen).containsExactly(value);
  }

  @Test
  void carriesTwentyMegabytes() throws Exception {
    Val value = new Val.Str("0123456789abcdé".repeat(20 << 16));
    List<Val> seen = new ArrayList<>();

    Val returned = RoundTrip.send(engine, "string", List.of("i32", "i32"), value, seen);

    assertThat(value.equals(returned)).isTrue();
    assertThat(value.equals(seen.getFirst())).isTrue();
  }

  @Test
  void replacesALoneSurrogate() throws Exception {
    Val sent = new Val.Str("a\ud800b");
    assertThat(RoundTrip.send(engine, "string", List.of("i32", "i32"), sent, new ArrayList<>()))
        .isEqualTo(new Val.Str("a?b"));
  }

  @Test
  void refusesWhatNoTypeHolds() {
    assertThatThrownBy(() -> new Val.U8(256)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Val.U16(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Val.U32(1L << 32)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Val.Char(0xd800)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Val.Char(0x110000)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesAnArgumentThatDoesNotFit() {
    String record = "(record (field \"a\" s32) (field \"b\" string))";
    List<String> flat = List.of("i32", "i32", "i32");
    List<Val> misfits =
        List.of(
            new Val.Bool(true),
            record(1, new Val.S32(1)),
            new Val.RecordOf(Map.of("a", new Val.S32(1))),
            new Val.RecordOf(Map.of("a", new Val.S32(1), "c", new Val.Str(""))));
    for (Val misfit : misfits) {
      assertThatThrownBy(() -> RoundTrip.send(engine, record, flat, misfit, new ArrayList<>()))
          .isInstanceOf(WasmtimeException.class);
    }
    assertThatThrownBy(() ->
            RoundTrip.send(
                engine, "(enum \"a\")", List.of("i32"), new Val.EnumCase("b"), List.of()))
        .isInstanceOf(WasmtimeException.class)
        .hasMessageContaining("enum variant name `b` is not valid");
    assertThatThrownBy(() ->
            RoundTrip.send(
                engine, "(flags \"a\")", List.of("i32"), new Val.Flags(Set.of("b")), List.of()))
        .isInstanceOf(WasmtimeException.class)
        .hasMessageContaining("unknown flag");
  }
}
