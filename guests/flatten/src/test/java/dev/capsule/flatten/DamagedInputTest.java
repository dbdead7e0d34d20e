package dev.capsule.flatten;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the input is, the outcome is a component or a {@link FlattenException}. */
class DamagedInputTest {
  private static final int ROUNDS = 1000;

  @Test
  void inputThatIsCutShortIsRefused() {
    byte[] linked = Kit.assemble(Kit.linked());
    int flattened = 0;
    for (int size = 0; size < linked.length; size++) {
      if (survives(Arrays.copyOf(linked, size))) {
        flattened++;
      }
    }
    // Only where a section ends can a cut go unnoticed, and only after the first lifted function.
    assertThat(flattened).isBetween(1, 30);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void damagedBytesAreRefusedOrHarmless(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] linked = Kit.assemble(Kit.linked());
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] damaged = linked.clone();
      for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
        damaged[random.nextInt(8, damaged.length)] = interesting(random);
      }
      if (!survives(damaged)) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(ROUNDS / 4);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void movedAndRepeatedPiecesAreRefusedOrHarmless(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] linked = Kit.assemble(Kit.linked());
    for (int round = 0; round < ROUNDS; round++) {
      byte[] damaged = linked.clone();
      int size = random.nextInt(1, 64);
      int from = random.nextInt(8, linked.length - size);
      System.arraycopy(linked, from, damaged, random.nextInt(8, linked.length - size), size);
      survives(damaged);
    }
  }

  @Test
  void changedInputThatIsValidGivesValidOutputOrNone() {
    SplittableRandom random = new SplittableRandom(31);
    byte[] linked = Kit.assemble(Kit.linked());
    int compared = 0;
    for (int round = 0; compared < 40; round++) {
      byte[] changed = linked.clone();
      changed[random.nextInt(8, changed.length)] = interesting(random);
      if (survives(changed) && Kit.isValid(changed)) {
        compared++;
        assertThat(Kit.isValid(Kit.flatten(changed)))
            .as("round %d: %s", round, HexFormat.of().formatHex(changed))
            .isTrue();
      }
    }
  }

  @Test
  void noiseIsRefused() {
    SplittableRandom random = new SplittableRandom(21);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      byte[] preamble = ComponentSection.PREAMBLE;
      System.arraycopy(preamble, 0, noise, 0, Math.min(noise.length, preamble.length));
      assertThat(survives(noise)).as(HexFormat.of().formatHex(noise)).isFalse();
    }
  }

  @Test
  void hugeCountsCostNothing() {
    // A type section of a core module that announces two billion types.
    byte[] huge =
        HexFormat.of()
            .parseHex("0061736d0d000100" + "010f" + "0061736d01000000" + "0105ffffffff07");

    assertThatThrownBy(() -> Flatten.flatten(huge))
        .isInstanceOf(FlattenException.class)
        .hasMessageContaining("elements announced");
  }

  /** Half of the time a byte that means something in many places. */
  private static byte interesting(SplittableRandom random) {
    int[] values = {0x00, 0x01, 0x02, 0x0B, 0x40, 0x60, 0x6F, 0x70, 0x7F, 0x80, 0xFC, 0xFD, 0xFF};
    return (byte)
        (random.nextBoolean() ? random.nextInt(256) : values[random.nextInt(values.length)]);
  }

  /** Whether the input can be flattened; fails on any exception but the one that is expected. */
  private static boolean survives(byte[] input) {
    try {
      return Flatten.flatten(input).component().size() > 0;
    } catch (FlattenException e) {
      assertThat(e).hasMessageNotContaining("null");
      return false;
    } catch (RuntimeException | StackOverflowError e) {
      throw new AssertionError("input " + HexFormat.of().formatHex(input), e);
    }
  }
}
