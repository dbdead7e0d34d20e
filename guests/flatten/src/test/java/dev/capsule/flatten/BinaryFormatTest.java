package dev.capsule.flatten;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Numbers, names and vectors; examples of numbers from the LEB128 article of Wikipedia and DWARF.
 */
class BinaryFormatTest {
  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "2, 02",
    "127, 7f",
    "128, 8001",
    "129, 8101",
    "624485, e58e26",
    "2147483647, ffffffff07"
  })
  void unsignedNumbers(int value, String hex) {
    assertThat(reader(hex).u32()).isEqualTo(value);
    assertThat(hex(new BinaryWriter().u32(value))).isEqualTo(hex);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "2, 02",
    "-2, 7e",
    "63, 3f",
    "64, c000",
    "-64, 40",
    "-65, bf7f",
    "127, ff00",
    "-127, 817f",
    "128, 8001",
    "-128, 807f",
    "-123456, c0bb78",
    "2147483647, ffffffff07",
    "-2147483648, 8080808078"
  })
  void signedNumbers(int value, String hex) {
    for (int bits : new int[] {32, 33, 64}) {
      assertThat(reader(hex).signed(bits)).isEqualTo(value);
    }
    assertThat(hex(new BinaryWriter().signed(value))).isEqualTo(hex);
  }

  @ParameterizedTest
  @CsvSource({
    "9223372036854775807, ffffffffffffffffff00",
    "-9223372036854775808, 8080808080808080807f"
  })
  void longNumbers(long value, String hex) {
    assertThat(reader(hex).signed(64)).isEqualTo(value);
    assertThat(hex(new BinaryWriter().signed(value))).isEqualTo(hex);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "80", "8080808008", "ffffffff0f", "808080808000"})
  void malformedUnsignedNumbers(String hex) {
    assertThatThrownBy(() -> reader(hex).u32()).isInstanceOf(FlattenException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "32, ''",
    "32, 80",
    "32, 8080808008",
    "32, ffffffff4f",
    "32, 808080808000",
    "33, 8080808010",
    "33, ffffffff6f",
    "64, 80808080808080808001",
    "64, ffffffffffffffffff7e",
    "64, 8080808080808080808000"
  })
  void malformedSignedNumbers(int bits, String hex) {
    assertThatThrownBy(() -> reader(hex).signed(bits)).isInstanceOf(FlattenException.class);
  }

  @Test
  void paddedNumbers() {
    assertThat(reader("8380808000").u32()).isEqualTo(3);
    assertThat(reader("fdffffff7f").signed(32)).isEqualTo(-3);
    assertThat(reader("fdffffff7f").signed(33)).isEqualTo(-3);
  }

  @Test
  void namesAreUtf8() {
    BinaryWriter out = new BinaryWriter().name("Zoë $imports");

    assertThat(out.toSlice().reader().name()).isEqualTo("Zoë $imports");
    assertThatThrownBy(() -> reader("02c328").name())
        .isInstanceOf(FlattenException.class)
        .hasMessage("name is not UTF-8 (at byte 0x1)");
  }

  @Test
  void vectorsAndSections() {
    BinaryWriter out =
        new BinaryWriter().section(7, to -> to.vector(List.of(1, 300), BinaryWriter::u32));

    assertThat(hex(out)).isEqualTo("07040201ac02");
    BinaryReader in = out.toSlice().reader();
    assertThat(in.u8()).isEqualTo(7);
    assertThat(in.sized().reader().vector(BinaryReader::u32)).containsExactly(1, 300);
    assertThat(in.atEnd()).isTrue();
  }

  @Test
  void readingStopsAtTheEndOfThePart() {
    BinaryReader in = new Slice(new byte[100], 10, 20).reader();
    in.skip(9);

    assertThat(in.u8()).isZero();
    assertThatThrownBy(in::u8)
        .isInstanceOf(FlattenException.class)
        .hasMessage("unexpected end (at byte 0x14)");
    assertThatThrownBy(() -> in.slice(1)).isInstanceOf(FlattenException.class);
    assertThatThrownBy(() -> reader("05aa").sized()).isInstanceOf(FlattenException.class);
  }

  private static BinaryReader reader(String hex) {
    return new BinaryReader(HexFormat.of().parseHex(hex));
  }

  private static String hex(BinaryWriter out) {
    return HexFormat.of().formatHex(out.toSlice().toByteArray());
  }
}
