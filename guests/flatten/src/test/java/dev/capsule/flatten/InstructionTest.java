package dev.capsule.flatten;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Reading and rewriting of instructions, against Wasmtime's assembler: code assembled with some
 * indices and rewritten to others must be the code assembled with those.
 */
class InstructionTest {
  /** All codes that an instruction could have in the ranges that are in use. */
  private static final List<Integer> CODES =
      IntStream.concat(
              IntStream.range(0, 0xFC),
              IntStream.of(0xFC, 0xFD, 0xFE)
                  .flatMap(prefix -> IntStream.range(0, 0x200).map(i -> prefix << 16 | i)))
          .boxed()
          .toList();

  private static final List<String> INSTRUCTIONS =
      Kit.resource("instructions.txt").lines().filter(line -> !line.startsWith(";;")).toList();

  /** The index in every instruction that is rewritten. */
  private static final int FROM = 3;

  /** A body for each instruction, by the index in it. */
  private static final Map<Integer, List<Slice>> BODIES =
      Stream.of(FROM, 63, 64, 200, 8192)
          .collect(Collectors.toMap(i -> i, i -> bodies(INSTRUCTIONS, i)));

  static Stream<Arguments> instructions() {
    return IntStream.range(0, INSTRUCTIONS.size())
        .mapToObj(i -> Arguments.of(INSTRUCTIONS.get(i), i));
  }

  @ParameterizedTest
  @MethodSource("instructions")
  void indicesAreReplacedAndNothingElse(String instruction, int number) {
    BODIES.forEach((to, bodies) ->
        assertThat(rewrite(body(FROM, number), map(FROM, to)))
            .as(instruction)
            .isEqualTo(bodies.get(number).toByteArray()));
  }

  @ParameterizedTest
  @MethodSource("instructions")
  void codeThatIsCutShortIsAnError(String instruction, int number) {
    Slice body = body(200, number);
    for (int size = 1; size < body.size(); size++) {
      Slice cut = new Slice(body.toByteArray(), 0, size);
      assertThatThrownBy(() -> walk(cut)).as(instruction).isInstanceOf(FlattenException.class);
    }
  }

  @Test
  void everyKnownInstructionIsTested() {
    Set<Integer> tested = new TreeSet<>();
    for (int number = 0; number < INSTRUCTIONS.size(); number++) {
      InstructionCursor code = FunctionBody.instructions(body(FROM, number));
      while (code.next()) {
        tested.add(code.opcode());
      }
    }

    assertThat(tested)
        .isEqualTo(
            CODES.stream()
                .filter(code -> Opcode.operands(code) != null)
                .collect(Collectors.toSet()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "throw 0",
        "throw_ref",
        "try_table end",
        "call_ref 0",
        "return_call_ref 0",
        "br_on_null 0",
        "ref.as_non_null",
        "ref.eq",
        "ref.i31",
        "i64.add128",
        "cont.new 0"
      })
  void unknownInstructionIsAnError(String instruction) {
    Slice body = body(instruction);

    assertThatThrownBy(() -> walk(body))
        .isInstanceOf(FlattenException.class)
        .hasMessageMatching("unknown instruction 0x[0-9a-f]{2}.* \\(at byte 0x[0-9a-f]+\\)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # what                               | bytes, without locals
          indices may be padded                | 10 83 80 80 80 00 0b
          a memory may be told                 | 28 c2 80 80 80 00 83 80 80 80 00 85 00 0b
          the type of a block may be padded    | 02 83 80 80 80 00 0b 0b
          a number after a prefix may be padded | fc 8b 80 80 80 00 83 00 0b
          """)
  void otherEncodingsMeanTheSame(String what, String hex) {
    byte[] written = rewrite(slice("00 " + hex), map(3, 5));

    InstructionCursor code = FunctionBody.instructions(new Slice(written, 0, written.length));
    assertThat(code.next()).as(what).isTrue();
    assertThat(code.indexCount()).isEqualTo(1);
    assertThat(code.index(0)).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # bytes, with locals           | what the message says
          00                             | unexpected end
          00 01                          | unexpected end
          00 02 40 0b                    | unexpected end
          01 01 63 0b                    | value type 0x63
          00 10 83 80 80 80 10 0b        | too large
          00 10 83 80 80 80 80 00 0b     | too large
          00 41 ff ff ff ff 4f 0b        | malformed number
          00 42 80 80 80 80 80 80 80 80 80 02 0b | malformed number
          00 02 63 00 0b 0b              | unsupported block type
          00 1c 01 6e 0b                 | value type 0x6e
          00 d0 6e 0b                    | reference type 0x6e
          00 fe 03 01 0b                 | fence
          00 ff 0b                       | unknown instruction 0xff
          00 fd ff ff ff 07 0b           | unknown instruction 0xfd
          """)
  void malformedCodeIsAnError(String hex, String message) {
    assertThatThrownBy(() -> walk(slice(hex)))
        .isInstanceOf(FlattenException.class)
        .hasMessageContaining(message);
  }

  @Test
  void codeAfterTheEndIsAnError() {
    assertThatThrownBy(() -> rewrite(slice("00 0b 01 0b"), map(3, 5)))
        .isInstanceOf(FlattenException.class)
        .hasMessageContaining("after its end");
  }

  @Test
  void globalsThatAreConstantsBecomeTheirValues() {
    IndexMap indices = map(3, 5);
    indices.put(4, new Constant(ValueType.I32, -1));
    indices.put(6, new Constant(ValueType.I64, 1L << 40));
    Slice body = body("global.get 4 drop global.get 3 drop global.get 6 drop");
    Slice expected = body("i32.const -1 drop global.get 5 drop i64.const 1099511627776 drop");

    assertThat(rewrite(body, indices)).isEqualTo(expected.toByteArray());
  }

  @Test
  void indexWithoutCounterpartIsAnError() {
    assertThatThrownBy(() -> rewrite(body("call 2"), map(3, 5)))
        .isInstanceOf(FlattenException.class)
        .hasMessage(
            "core instance 9 uses FUNCTION 2, which does not become part of the merged module");
  }

  private static void walk(Slice body) {
    InstructionCursor code = FunctionBody.instructions(body);
    while (code.next()) {
      assertThat(code.end()).isGreaterThan(code.start());
    }
  }

  /** Maps one index of every kind, and memory 0, which is in instructions that do not say it. */
  private static IndexMap map(int from, int to) {
    IndexMap map = new IndexMap(9);
    for (IndexSpace space : IndexSpace.values()) {
      map.space(space, from + 1);
      map.put(space, from, to);
    }
    return map;
  }

  private static byte[] rewrite(Slice body, IndexMap indices) {
    BinaryWriter out = new BinaryWriter();
    FunctionBody.rewrite(body, FunctionBody.instructions(body), indices, out);
    return out.toSlice().toByteArray();
  }

  private static Slice slice(String hex) {
    byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
    return new Slice(bytes, 0, bytes.length);
  }

  private static Slice body(int index, int number) {
    return Objects.requireNonNull(BODIES.get(index), "index").get(number);
  }

  private static Slice body(String instructions) {
    return bodies(List.of(instructions), FROM).getFirst();
  }

  /** Functions of these instructions, which need not be valid. */
  private static List<Slice> bodies(List<String> instructions, int index) {
    StringBuilder text = new StringBuilder("(module ");
    // An assembler writes the index of a block's type only if there is no shorter way.
    text.append("(type (func (param i32)))".repeat(index + 1));
    for (String instruction : instructions) {
      text.append("(func (type 0) ").append(instruction.replace("#", "" + index)).append(")\n");
    }
    byte[] module = Kit.assemble(text.append(")").toString());
    return CoreModuleReader.read(new Slice(module, 0, module.length)).bodies();
  }
}
