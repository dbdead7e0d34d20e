package dev.capsule.sidecar.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Code that takes all it can get: it ends by its own limits, and costs the host no more than those.
 */
class ResourceBombsTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final long MIB = 1L << 20;

  private static final String TASKS =
      """
      import asyncio, collections, decimal, io, itertools, json, os, re, sys, time, zipfile, zlib
      from capsule import task, TaskError
      from wit_world.imports import host

      memory = task(ram="80MB", compute="HIGH", timeout="60s")
      fuel = task(compute=300_000_000, timeout="60s", ram="1GiB")

      @memory
      def doubles_a_string():
          text = "x"
          while True:
              text += text

      @memory
      def grows_a_dict():
          kept = {}
          for i in itertools.count():
              kept[i] = str(i)

      @memory
      def grows_by_deques():
          return len(collections.deque(itertools.repeat(0)))

      @memory
      def repeats_a_string():
          return len("a" * 10**9)

      @memory
      def repeats_a_list():
          return len([0] * 10**9)

      @memory
      def nests_lists():
          inner = []
          while True:
              inner = [inner]

      @memory
      def bursts_a_zip():
          packed = io.BytesIO()
          with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
              out.writestr("zeros", bytes(20_000_000))
          with zipfile.ZipFile(packed) as bomb:
              return len(b"".join(bomb.read("zeros") for _ in range(10)))

      @memory
      def inflates():
          small = zlib.compress(bytes(30_000_000))
          return len(b"".join(zlib.decompress(small) for _ in range(5)))

      @memory
      def grows_an_integer():
          return (1 << 10**9).bit_length()

      @memory
      def creates_types():
          return [type(str(i), (), {}) for i in itertools.count()]

      @memory
      def creates_generators():
          return [(x for x in ()) for _ in itertools.count()]

      @memory
      def remembers_exceptions():
          last = None
          while True:
              error = ValueError()
              error.__context__ = last
              last = error

      @fuel
      def multiplies_integers():
          return len(str(bytes(1))) + (3 ** 20_000_000).bit_length()

      @fuel
      def backtracks():
          return re.match(r"(a+)+$", "a" * 64 + "b")

      @fuel
      def sums_a_range():
          return sum(range(10**12))

      @fuel
      def sorts():
          return sorted(range(10**7), key=lambda n: -n)[0]

      @fuel
      def fills_memory_again_and_again():
          block = bytearray(100_000_000)
          while True:
              block[:] = bytes(100_000_000)

      @fuel
      def finds_in_c():
          text = "a" * 1_000_000
          return [("b" in text) for _ in range(10**9)]

      @fuel
      def computes_digits():
          decimal.getcontext().prec = 1_000_000
          return str(decimal.Decimal(2).sqrt().exp())[:10]

      @fuel
      def catches_everything():
          while True:
              try:
                  while True:
                      pass
              except BaseException:
                  continue
              finally:
                  continue

      @fuel
      def spins_on_operations():
          while True:
              host.submit("{}")

      @task(max_output="10MB")
      def floods_without_newline(stream):
          text = "x" * 1_000_000
          for _ in range(300):
              (sys.stdout if stream == "stdout" else sys.stderr).write(text)
          return "done"

      @task(max_output="1KB")
      def floods_in_single_bytes():
          for _ in range(20_000):
              os.write(1, b"x")
          return "done"

      @task(timeout="2m")
      def cancels_thousands():
          ids = [host.submit('{"op":"call","task":"sleeps"}') for _ in range(1_500)]
          cancels = [host.submit('{"op":"cancel","id":%d}' % id) for id in ids * 2]
          left, kinds = set(ids), {}
          while left:
              for end in json.loads(host.wait(list(left), None)):
                  left.remove(end["id"])
                  kind = end["error"]["type"]
                  kinds[kind] = kinds.get(kind, 0) + 1
          return kinds

      @task
      def sleeps():
          time.sleep(3600)

      @task(max_result="1KB")
      def returns_too_much():
          return "x" * 10_000

      @task(ram="512MB")
      def returns_what_shares(depth):
          value = "x" * 1000
          for _ in range(depth):
              value = [value, value]
          return value

      @task
      def recursion_of_tasks(n=0):
          return recursion_of_tasks(n + 1)

      @task(max_retries=3)
      def ping(n):
          return pong(n)

      @task(max_retries=3)
      def pong(n):
          return ping(n)

      @task
      def fib(n):
          return n if n < 2 else sum(fib.map([n - 1, n - 2]))
      """;

  /**
   * Where CPython itself does not tell that memory is short (it goes on with a null pointer, or
   * frees so deep a structure that its stack ends), the type is what came of that.
   */
  @ParameterizedTest
  @CsvSource({
    "doubles_a_string, task_error",
    "grows_a_dict, out_of_memory",
    "grows_by_deques, task_error",
    "repeats_a_string, out_of_memory",
    "repeats_a_list, out_of_memory",
    "nests_lists, stack_overflow",
    "bursts_a_zip, out_of_memory",
    "inflates, out_of_memory",
    "grows_an_integer, out_of_memory",
    "creates_types, out_of_memory",
    "creates_generators, out_of_memory",
    "remembers_exceptions, stack_overflow",
    "multiplies_integers, out_of_fuel",
    "backtracks, out_of_fuel",
    "sums_a_range, out_of_fuel",
    "sorts, out_of_fuel",
    "fills_memory_again_and_again, out_of_fuel",
    "finds_in_c, out_of_fuel",
    "computes_digits, out_of_fuel",
    "catches_everything, out_of_fuel",
    "spins_on_operations, out_of_fuel",
    "returns_too_much, invalid_result",
  })
  void aBombEndsByItsOwnLimit(String task, String type) {
    EnvelopeView envelope = sidecar.load(TASKS).task(task).envelope();
    assertThat(envelope.errorType()).as("%s", envelope.json()).isEqualTo(type);
  }

  @ParameterizedTest
  @CsvSource({"stdout", "stderr"})
  void outputBeyondTheLimitGoesNowhere(String stream) {
    Program program = sidecar.load(TASKS);
    String run = "flood-" + stream;
    assertThat(program.task("floods_without_newline").args(stream).named(run).value().getAsString())
        .isEqualTo("done");
    assertThat(sidecar.process().output(run, stream).length()).isBetween(10_000_000, 10_001_000);
  }

  /** Each write is a message of its own at most until the limit; the rest costs the client none. */
  @Test
  void singleBytesAreNoMessagesBeyondTheLimit() {
    assertThat(
            sidecar.load(TASKS).task("floods_in_single_bytes").named("bytes").value().getAsString())
        .isEqualTo("done");
    assertThat(sidecar.process().output("bytes", "stdout")).hasSize(1000);
  }

  @Test
  void cancelsByTheThousandAreJustCancels() {
    String kinds = sidecar.load(TASKS).task("cancels_thousands").value().toString();
    assertThat(kinds).isEqualTo("{\"cancelled\":1500}");
  }

  /** Thirty lists that each hold the next one twice: a gigabyte of JSON out of a few bytes. */
  @Test
  void aResultThatSharesIsCountedAsItIsWritten() {
    EnvelopeView envelope =
        sidecar
            .load(TASKS)
            .task("returns_what_shares")
            .args(30)
            .option("compute", "LOW")
            .envelope();
    assertThat(envelope.errorType()).isIn("invalid_result", "out_of_memory", "out_of_fuel");
  }

  @ParameterizedTest
  @CsvSource({
    "recursion_of_tasks, recursion_of_tasks → recursion_of_tasks",
    "ping, ping → pong → ping"
  })
  void runawayRecursionOfTasksEndsAndShowsTheChain(String task, String chain) {
    EnvelopeView envelope = sidecar.load(TASKS).task(task).args(0).envelope();
    assertThat(envelope.errorType()).isEqualTo("task_error");
    assertThat(envelope.message()).contains("at most 16 deep").contains(chain);
    assertThat(envelope.execution().get("retries").getAsInt()).isZero();
  }

  @Test
  void recursionThatEndsIsFine() {
    assertThat(sidecar.load(TASKS).task("fib").args(10).value().getAsInt()).isEqualTo(55);
  }

  @Test
  void bombsSideBySideCostTheHostNoMoreThanTheirLimits() {
    Program program = sidecar.load(TASKS);
    sidecar.assertAnswers();
    long before = sidecar.process().residentBytes();
    List<Pending> bombs = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      bombs.add(program.task("inflates").start());
    }
    for (Pending bomb : bombs) {
      assertThat(bomb.envelope().errorType()).isEqualTo("out_of_memory");
    }
    Deadline.await(
        "the memory of 20 bombs is free again",
        () -> sidecar.process().residentBytes() - before < 300 * MIB);
  }
}
