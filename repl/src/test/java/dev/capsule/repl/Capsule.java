package dev.capsule.repl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Runs the launcher of this checkout as users do: as a process, from a folder of theirs. */
final class Capsule {
  private static final long DEADLINE_SECONDS = 120;

  /** A program started in the background may ignore interrupts, and what it starts with it. */
  private static final String HEED_INTERRUPTS =
      "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
          + " os.execv(sys.argv[1], sys.argv[1:])";

  private static final Path DATA = temporary();

  private static Path temporary() {
    try {
      Path folder = Files.createTempDirectory("capsule-data-");
      folder.toFile().deleteOnExit();
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a command that has ended left. */
  record Ended(int code, String out, String err) {}

  private final Path folder;

  Capsule(Path folder) {
    this.folder = folder;
  }

  static Path checkout() {
    return Path.of(System.getProperty("capsule.checkout"));
  }

  static Path launcher() {
    return checkout().resolve("capsule");
  }

  /** Writes a program into the folder. */
  Capsule with(String name, String source) {
    try {
      Files.writeString(folder.resolve(name), source);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  Ended run(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(launcher().toString());
    command.addAll(List.of(arguments));
    return runCommand(command);
  }

  Ended runCommand(List<String> command) throws Exception {
    return new Running(folder, command).awaitEnd();
  }

  /** Starts a command that is to be disturbed while it runs. */
  Running start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("python3", "-c", HEED_INTERRUPTS, launcher().toString()));
    command.addAll(List.of(arguments));
    return new Running(folder, command);
  }

  /** A command that has not ended yet, as far as we know. */
  static final class Running {
    private final Process process;
    private final Path out;
    private final Path err;

    private Running(Path folder, List<String> command) throws IOException {
      out = Files.createTempFile(folder, "out", ".txt");
      err = Files.createTempFile(folder, "err", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().put("XDG_DATA_HOME", DATA.toString()); // not the user's own
      process = builder.start();
      process.getOutputStream().close();
    }

    /** Waits until the command has printed a text on standard output. */
    void awaitOutput(String text) throws Exception {
      awaitText(out, text);
    }

    /** Waits until the command has printed a text on standard error. */
    void awaitErrors(String text) throws Exception {
      awaitText(err, text);
    }

    private void awaitText(Path file, String text) throws InterruptedException {
      await("output " + text, () -> read(file).contains(text) || !process.isAlive());
      if (!read(file).contains(text)) {
        throw new AssertionError("ended without printing " + text + ": " + read(err));
      }
    }

    /** All processes that it has started, directly or not. */
    List<ProcessHandle> children() {
      try (Stream<ProcessHandle> all = process.descendants()) {
        return all.toList();
      }
    }

    void signal(String name) throws Exception {
      Process kill =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
      if (kill.waitFor() != 0) {
        throw new AssertionError("kill failed");
      }
    }

    Ended awaitEnd() throws Exception {
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new AssertionError("did not end; it printed " + read(out) + read(err));
      }
      return new Ended(process.exitValue(), read(out), read(err));
    }

    private static String read(Path file) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Looks again and again until something is so; fails after the deadline. */
  static void await(String what, BooleanSupplier state) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!state.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within the deadline: " + what);
      }
      Thread.sleep(20);
    }
  }
}
