package dev.capsule.sidecar.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

/**
 * Feeds a parser with inputs made of others by chance. Inputs that lead to a new outcome become
 * parents of further ones. {@code -Dfuzz.seconds=600} makes it last; {@code -Dfuzz.seed=…} repeats
 * a run. An input that fails is saved below {@code target/fuzz}; move it to {@code
 * src/test/resources/fuzz/NAME} to have it tried first from then on.
 */
public final class Fuzz {
  private static final double SECONDS = Double.parseDouble(System.getProperty("fuzz.seconds", "1"));
  private static final boolean LONG = System.getProperty("fuzz.seconds") != null;
  private static final int LONGEST = 1 << 16;
  private static final int MOST_PARENTS = 5_000;

  private final String name;
  private final long seed = Long.getLong("fuzz.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<byte[]> words;
  private final List<byte[]> parents = new ArrayList<>();
  private final Set<String> outcomes = new HashSet<>();

  private Fuzz(String name, List<String> words) {
    this.name = name;
    this.words = words.stream().map(Fuzz::bytes).toList();
  }

  /**
   * Tries inputs until the time is over.
   *
   * @param words what inputs of that kind are made of
   * @param examples where to begin
   * @param target says in a few words what came of an input; throws if that must not be
   */
  public static void run(
      String name, List<String> words, List<String> examples, Function<byte[], String> target) {
    Fuzz fuzz = new Fuzz(name, words);
    examples.forEach(example -> fuzz.parents.add(bytes(example)));
    fuzz.parents.add(new byte[0]);
    fuzz.parents.addAll(regressions(name));
    for (byte[] parent : List.copyOf(fuzz.parents)) {
      fuzz.attempt(parent, target);
    }
    fuzz.run(target);
  }

  private void run(Function<byte[], String> target) {
    long end = System.nanoTime() + (long) (SECONDS * 1e9);
    long count = 0;
    while (System.nanoTime() < end) {
      attempt(mutate(), target);
      count++;
    }
    if (LONG) {
      System.out.printf(
          "fuzz %s: %,d inputs in %.0f s, %,d outcomes, seed %d%n",
          name, count, SECONDS, outcomes.size(), seed);
    }
  }

  private void attempt(byte[] input, Function<byte[], String> target) {
    try {
      if (outcomes.add(target.apply(input)) && parents.size() < MOST_PARENTS) {
        parents.add(input);
      }
    } catch (Throwable e) {
      throw new AssertionError(
          "fuzz " + name + ", seed " + seed + ", input saved in " + save(input), e);
    }
  }

  private byte[] mutate() {
    byte[] input = pick(parents);
    for (int changes = 1 + random.nextInt(6); changes > 0; changes--) {
      input = change(input);
    }
    return input;
  }

  private byte[] change(byte[] input) {
    int at = random.nextInt(input.length + 1);
    int to = at + random.nextInt(Math.min(input.length - at, 40) + 1);
    return switch (random.nextInt(8)) {
      case 0, 1 -> splice(input, at, at, pick(words));
      case 2 -> splice(input, at, to, pick(words));
      case 3 -> splice(input, at, to, new byte[0]);
      case 4 -> splice(input, at, to, new byte[] {(byte) random.nextInt(256)});
      case 5 -> splice(input, to, to, Arrays.copyOfRange(input, at, to));
      case 6 -> splice(input, at, at, repeat(pick(words), 1 << random.nextInt(12)));
      default -> {
        byte[] other = pick(parents);
        yield splice(
            input,
            at,
            input.length,
            Arrays.copyOfRange(other, random.nextInt(other.length + 1), other.length));
      }
    };
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private static byte[] splice(byte[] input, int from, int to, byte[] piece) {
    byte[] out = new byte[Math.min(LONGEST, input.length - (to - from) + piece.length)];
    System.arraycopy(input, 0, out, 0, Math.min(from, out.length));
    int fits = Math.min(piece.length, Math.max(0, out.length - from));
    System.arraycopy(piece, 0, out, Math.min(from, out.length), fits);
    int rest = Math.max(0, Math.min(input.length - to, out.length - from - fits));
    System.arraycopy(input, to, out, Math.min(from + fits, out.length), rest);
    return out;
  }

  private static byte[] repeat(byte[] piece, int times) {
    return String.join("", Collections.nCopies(times, latin(piece)))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Path save(byte[] input) {
    Path file = Path.of("target", "fuzz", name, Integer.toHexString(Arrays.hashCode(input)));
    try {
      Files.createDirectories(file.getParent());
      return Files.write(file, input);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What failed once; the file {@code list} names the others. */
  private static List<byte[]> regressions(String name) {
    List<byte[]> found = new ArrayList<>();
    String folder = "/fuzz/" + name + "/";
    try (InputStream list = Fuzz.class.getResourceAsStream(folder + "list")) {
      if (list == null) {
        return found;
      }
      for (String file : new String(list.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        try (InputStream in = Fuzz.class.getResourceAsStream(folder + file)) {
          if (in == null) {
            throw new AssertionError(folder + file + " is missing");
          }
          found.add(in.readAllBytes());
        }
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
