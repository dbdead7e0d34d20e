package dev.capsule.sidecar.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One sidecar for all tests of a class, and beside each test a bystander: a task that computes and
 * waits by turns for as long as the test lasts, and then must come to its end with the right value.
 * So every test also shows that what happens in one task leaves others alone.
 */
public final class SharedSidecar
    implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback {
  private static final String BYSTANDER =
      """
      import os, time
      from capsule import task

      @task
      def bystander(stop):
          sums = {sum(range(1000))}
          while not os.path.exists("/signals/" + stop):
              sums.add(sum(range(1000)))
              time.sleep(0.01)
          return sorted(sums)

      @task
      def ping(value):
          return value
      """;
  private static final int SUM = 499_500;

  private @Nullable SidecarProcess sidecar;
  private @Nullable Path folder;
  private @Nullable Program program;
  private @Nullable Pending bystander;
  private int tests;

  /** The process. */
  public SidecarProcess process() {
    return present(sidecar);
  }

  /** Loads a program of one file into a folder of its own. */
  public Program load(String source) {
    return Program.load(process(), newFolder(), source);
  }

  /** Loads a program of one file, in TypeScript, into a folder of its own. */
  public Program loadTypeScript(String source) {
    return Program.load(process(), newFolder(), "main.ts", source);
  }

  /** A new, empty folder, removed after the last test. */
  public Path newFolder() {
    try {
      return Files.createTempDirectory(present(folder), "t");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs something that only a healthy sidecar does. */
  public void assertAnswers() {
    process().assertHealthy();
    int answer = present(program).task("ping").args(42).value().getAsInt();
    if (answer != 42) {
      throw new AssertionError("the sidecar answers " + answer);
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    folder = Files.createTempDirectory("capsule-test-").toRealPath();
    Files.createDirectories(folder.resolve("signals"));
    sidecar = SidecarProcess.ready();
    program = load(BYSTANDER);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    bystander =
        present(program)
            .task("bystander")
            .args("stop" + ++tests)
            .option("mounts", Json.array(present(folder).resolve("signals") + "::/signals:ro"))
            .start();
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    Pending beside = present(bystander);
    if (beside.isAnswered()) {
      throw new AssertionError(
          "the bystander ended too early: " + beside.reply() + "; " + process().condition());
    }
    Files.createFile(present(folder).resolve("signals/stop" + tests));
    String sums = beside.envelope().value().toString();
    if (!sums.equals("[" + SUM + "]")) {
      throw new AssertionError("the bystander was disturbed: " + sums);
    }
    assertAnswers();
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    if (sidecar != null) {
      sidecar.close();
    }
    if (folder != null) {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static <T> T present(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("not between the first test and the last");
    }
    return value;
  }
}
