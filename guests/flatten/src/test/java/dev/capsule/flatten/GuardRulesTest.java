package dev.capsule.flatten;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.flatten.GuardedCalls.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each guard tells the host, and how many handles it counts, whatever the guest is. */
class GuardRulesTest {
  private static final String STREAMS = "wasi:io/streams";
  private static final String STDOUT = "wasi:cli/stdout";

  private static List<List<String>> table(String resource) {
    return Kit.resource(resource)
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> List.of(line.strip().split(" {2,}", -1)))
        .toList();
  }

  static Stream<List<String>> calls() {
    return table("guarded-calls.txt").stream();
  }

  private static GuardedCall call(List<String> line) {
    return GuardedCall.of(line.get(0), line.get(1), line.get(2), line.get(3));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void eachCosts(List<String> line) throws Exception {
    boolean told = !line.get(4).equals("-");
    boolean done = line.get(5).equals("done");
    String others = line.size() > 7 ? line.get(7) : "";
    assertThat(GuardedCalls.make(List.of(call(line))))
        .containsExactly(
            new Outcome(
                told ? 1 : 0,
                told ? Long.parseLong(line.get(4)) : 0,
                done ? List.of() : refusal(line.get(5)),
                Integer.parseInt(line.get(6)),
                told(others)));
  }

  /** {@code error KIND at OFFSET} as the bytes of a result. */
  private static List<Integer> refusal(String text) {
    String[] words = text.split(" ", 4);
    List<Integer> bytes = new ArrayList<>(Collections.nCopies(GuardedCalls.ANSWER_BYTES, -1));
    bytes.set(0, 1);
    bytes.set(Integer.parseInt(words[3]), Integer.parseInt(words[1]));
    return bytes;
  }

  private static List<Integer> told(String text) {
    return Stream.of(text.split("[; ]+", -1))
        .filter(word -> !word.isEmpty())
        .map(word ->
            Character.isDigit(word.charAt(0))
                ? Integer.valueOf(Integer.parseUnsignedInt(word))
                : GuardedCalls.HOST.indexOf(
                    HostFunction.valueOf(word.replace('-', '_').toUpperCase(Locale.ROOT))))
        .toList();
  }

  @Test
  void allThatCostSomethingAreTried() {
    assertThat(calls().map(line -> line.subList(0, 2)).collect(Collectors.toSet()))
        .isEqualTo(
            table("guards.txt").stream()
                .filter(line -> !line.getLast().equals("-"))
                .map(line -> line.subList(0, 2))
                .collect(Collectors.toSet()));
  }

  /** A number that was a stream of the console is a file's as soon as the stream is dropped. */
  @ParameterizedTest
  @MethodSource("writes")
  void onlyStreamsOfTheConsoleAreFree(String interfaceName, String stream, String write)
      throws Exception {
    GuardedCall get = GuardedCall.of(interfaceName, stream, "-", ">5");
    GuardedCall toIt = GuardedCall.of(STREAMS, write, "5 8 100 @", "0:0");
    GuardedCall toAnother = GuardedCall.of(STREAMS, write, "6 8 100 @", "0:0");
    GuardedCall drop = GuardedCall.of(STREAMS, "output-stream", "5", "-");
    List<Outcome> outcomes = GuardedCalls.make(List.of(toIt, get, toIt, toAnother, drop, toIt));
    assertThat(outcomes).extracting(Outcome::bytes).containsExactly(100L, 0L, 0L, 100L, 0L, 100L);
    assertThat(outcomes)
        .extracting(Outcome::told)
        .containsExactly(
            told("moved 5 1 100 0"),
            List.of(),
            List.of(),
            told("moved 6 1 100 0"),
            told("closed 5"),
            told("moved 5 1 100 0"));
  }

  static Stream<Object[]> writes() {
    return Stream.of("write", "blocking-write-and-flush")
        .map("[method]output-stream."::concat)
        .flatMap(write ->
            Stream.of(
                new Object[] {STDOUT, "get-stdout", write},
                new Object[] {"wasi:cli/stderr", "get-stderr", write}));
  }

  /** There is no bit for it: neither one of another number nor none at all makes it free. */
  @Test
  void streamsWithHighNumbersAreNeverFree() throws Exception {
    String write = "[method]output-stream.blocking-write-and-flush";
    for (String number : Set.of("64", "69", "-1")) {
      GuardedCall get = GuardedCall.of(STDOUT, "get-stdout", "-", ">" + number);
      GuardedCall toIt = GuardedCall.of(STREAMS, write, number + " 8 100 @", "0:0");
      GuardedCall toLow = GuardedCall.of(STREAMS, write, "5 8 100 @", "0:0");
      assertThat(GuardedCalls.make(List.of(get, toIt, toLow)))
          .extracting(Outcome::bytes)
          .containsExactly(0L, 100L, 100L);
    }
  }
}
