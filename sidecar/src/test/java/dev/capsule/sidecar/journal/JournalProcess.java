package dev.capsule.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.Deadline;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A {@link JournalMain}. */
final class JournalProcess implements AutoCloseable {
  private final Process process;
  private final PrintStream in;
  private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final List<String> heard = new CopyOnWriteArrayList<>();

  private JournalProcess(Process process) {
    this.process = process;
    this.in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    Thread.ofPlatform().daemon().start(this::read);
  }

  /**
   * @param place a folder, or a server's address
   */
  static JournalProcess start(String place, Duration lease) {
    return start(List.of(), place, lease);
  }

  /**
   * Starts it by a program that becomes it.
   *
   * @param before that program and its arguments
   */
  static JournalProcess start(List<String> before, String place, Duration lease) {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-Dslf4j.internal.verbosity=ERROR",
            "-Dcapsule.home=" + System.getProperty("capsule.home"),
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            JournalMain.class.getName(),
            place,
            Long.toString(lease.toMillis())));
    try {
      return new JournalProcess(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long pid() {
    return process.pid();
  }

  /** Says something, and does not wait for the answer. */
  void say(String line) {
    in.println(line);
  }

  String answer() {
    try {
      String line = answers.poll(Deadline.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return line == null ? "no answer" : line;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  String ask(String line) {
    say(line);
    return answer();
  }

  /** Waits for something that it says by itself. */
  void hears(String line) {
    Deadline.await(line + " of " + heard, () -> heard.contains("!" + line));
  }

  List<String> heard() {
    return heard;
  }

  /** As by {@code kill -9}, {@code -STOP}, {@code -CONT}. */
  void signal(String name) {
    try {
      Process kill =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
      assertThat(kill.waitFor()).isZero();
      if (name.equals("KILL")) {
        process.waitFor();
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        (line.startsWith("!") ? heard : answers).add(line);
      }
    } catch (IOException e) {
      answers.add("ended");
    }
  }
}
