package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What tasks print. */
class OutputTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import os, sys, time
      from capsule import task

      @task
      def without_newline():
          print("no newline", end="", flush=True)
          time.sleep(3600)

      @task
      def ends_without_newline():
          print("the end", end="")

      @task
      def much(lines, name):
          line = "x" * 999
          for i in range(lines):
              if i % 100 == 0:
                  with open("/progress/" + name, "w") as file:
                      file.write(str(i))
              print(line)

      @task
      def in_halves():
          os.write(1, "€".encode()[:1])
          os.write(2, b"between")
          time.sleep(0.01)
          os.write(1, "€".encode()[1:] + b"\\xff")
          os.write(1, "😀".encode()[:2])

      @task(max_output=1000)
      def too_much():
          for i in range(1000):
              print("é" * 10)
          print("last", file=sys.stderr)
          return "done"

      @task
      def both():
          print("out 1")
          print("err 1", file=sys.stderr)
          print("out 2")

      @task
      def nested():
          print("outer")
          both()

      @task
      def odd():
          print("\\0 \\x1b[31m \\ud800 \\u2028", end="")

      @task(timeout="100ms")
      def prints_and_spins():
          print("before the end")
          while True:
              pass

      @task
      def prints_and_fails():
          print("before", end="")
          raise ValueError("after")
      """;

  private static String output(String run, String stream) {
    return sidecar.process().output(run, stream);
  }

  @Test
  void aPrintWithoutNewlineArrivesAtOnce() {
    Pending run = sidecar.load(TASKS).task("without_newline").named("now").start();
    Deadline.await("the output", () -> output("now", "stdout").equals("no newline"));
    assertThat(run.isAnswered()).isFalse();
    run.cancel();
    assertThat(run.reply().code()).isEqualTo(-32800);
  }

  @Test
  void allOutputComesBeforeTheReply() {
    sidecar.load(TASKS).task("ends_without_newline").named("end").value();
    assertThat(output("end", "stdout")).isEqualTo("the end");
    sidecar.load(TASKS).task("prints_and_fails").named("fail").envelope().error();
    assertThat(output("fail", "stdout")).isEqualTo("before");
    sidecar.load(TASKS).task("prints_and_spins").named("spin").envelope().error();
    assertThat(output("spin", "stdout")).isEqualTo("before the end\n");
  }

  /** Fifty megabytes for a client that does not read at first: the tasks wait, nothing piles up. */
  @Test
  void fiftyMegabytesArriveWhole() {
    Path folder = sidecar.newFolder();
    Program program = sidecar.load(TASKS);
    long before = sidecar.process().residentBytes();
    sidecar.process().pauseReading();
    List<Pending> runs = new ArrayList<>();
    for (String name : List.of("much-a", "much-b")) {
      runs.add(
          program
              .task("much")
              .args(25_000, name)
              .option("mounts", Json.array(folder + "::/progress"))
              .named(name)
              .start());
    }
    for (String name : List.of("much-a", "much-b")) {
      Path progress = folder.resolve(name);
      Deadline.await(name + " prints", () -> Files.exists(progress));
      Deadline.await(name + " waits for its reader", () -> isStill(progress));
      assertThat(Integer.parseInt(read(progress))).as(name).isLessThan(20_000);
    }
    sidecar.process().resumeReading();
    long highest = 0;
    while (!runs.stream().allMatch(Pending::isAnswered)) {
      highest = Math.max(highest, sidecar.process().residentBytes());
    }
    assertThat(highest - before).as("memory for what is not read yet").isLessThan(150L << 20);
    String all = ("x".repeat(999) + "\n").repeat(25_000);
    for (Pending run : runs) {
      assertThat(run.envelope().value().isJsonNull()).isTrue();
    }
    assertThat(output("much-a", "stdout").equals(all)).isTrue();
    assertThat(output("much-b", "stdout").equals(all)).isTrue();
  }

  /** Whether a file that changes with every line has not changed for many looks. */
  private static boolean isStill(Path file) {
    String before = read(file);
    for (int i = 0; i < 20_000; i++) {
      if (before.isEmpty() || !read(file).equals(before)) {
        return false;
      }
    }
    return true;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void charactersAreNeverCut() {
    sidecar.load(TASKS).task("in_halves").named("halves").value();
    assertThat(output("halves", "stdout")).isEqualTo("€\uFFFD\uFFFD");
    assertThat(output("halves", "stderr")).isEqualTo("between");
  }

  @Test
  void outputBeyondTheLimitIsDroppedAndSaidSo() {
    var value = sidecar.load(TASKS).task("too_much").named("limit").value();
    assertThat(value.getAsString()).isEqualTo("done");
    String line = "é".repeat(10) + "\n";
    assertThat(output("limit", "stdout")).startsWith(line.repeat(47)).hasSizeLessThan(530);
    assertThat(output("limit", "stderr"))
        .isEqualTo("\n[capsule: output beyond 1000 bytes (max_output) is dropped]\n");
  }

  @Test
  void eachStreamAndRunHasItsOwn() {
    sidecar.load(TASKS).task("nested").named("outer").value();
    assertThat(output("outer", "stdout")).isEqualTo("outer\n");
    List<JsonObject> nested =
        sidecar.process().notifications().stream()
            .map(message -> message.getAsJsonObject("params"))
            .filter(params -> !params.get("parent").isJsonNull())
            .toList();
    assertThat(nested).isNotEmpty();
    assertThat(nested).allMatch(params -> params.get("parent").getAsString().equals("outer"));
    assertThat(nested).allMatch(params -> params.get("task").getAsString().equals("both"));
    String run = nested.getFirst().get("run").getAsString();
    assertThat(output(run, "stdout")).isEqualTo("out 1\nout 2\n");
    assertThat(output(run, "stderr")).isEqualTo("err 1\n");
  }

  @Test
  void whoDoesNotAskGetsNone() {
    int before = sidecar.process().notifications().size();
    sidecar.load(TASKS).task("both").events().value();
    sidecar.load(TASKS).task("both").events("lifecycle").named("life").value();
    assertThat(
            sidecar.process().notifications().stream()
                .skip(before)
                .map(message -> message.get("method").getAsString()))
        .containsExactly("task/queued", "task/started", "task/finished");
  }

  @Test
  void oddCharactersArePassedOn() {
    sidecar.load(TASKS).task("odd").named("odd").value();
    assertThat(output("odd", "stdout")).isEqualTo("\0 \u001b[31m \\ud800 \u2028");
  }
}
