package dev.capsule.sidecar.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import dev.capsule.sidecar.harness.SidecarProcess;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a task wrote to its scratch folder is gone after it, however it ends. */
class ScratchTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import os, time
      from capsule import task

      @task
      def writes(name, then):
          os.mkdir("/tmp/folder")
          os.symlink("folder", "/tmp/link")
          for place in ("/tmp/", "/tmp/folder/"):
              with open(place + name, "w") as file:
                  file.write("x")
          exec(then, {"os": os, "time": time})
      """;

  private final String name = "left-" + UUID.randomUUID();

  /** Whether there is a file of that name in the scratch folder of any attempt. */
  private boolean isThere() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path cache = xdg == null ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
    try (DirectoryStream<Path> runs =
        Files.newDirectoryStream(cache.resolve("capsule/runs"), "run-*")) {
      for (Path run : runs) {
        if (isIn(run)) {
          return true;
        }
      }
      return false;
    } catch (IOException | DirectoryIteratorException e) {
      return false; // none was ever made
    }
  }

  private boolean isIn(Path run) {
    try (DirectoryStream<Path> attempts = Files.newDirectoryStream(run)) {
      for (Path attempt : attempts) {
        if (Files.exists(attempt.resolve(name))) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // another sidecar's, which removes it just now
    }
    return false;
  }

  private static Program.Run run(Program program, String name, String then) {
    return program.task("writes").args(name, then);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pass                                              |               | ",
        "raise ValueError                                  | task_error    | ",
        "os._exit(3)                                       | exit          | ",
        "while True: pass                                  | timeout       | timeout",
        "time.sleep(100)                                   | timeout       | timeout",
        "while True: pass                                  | out_of_fuel   | compute",
        "kept = bytes(10**9)                               | out_of_memory | ",
        "open('/tmp/more', 'wb').write(bytes(3 * 10**8))   | policy_denied | ram",
        "kept = [open('/tmp/folder') for _ in range(300)]  | task_error    | ",
        "kept = [os.open('/tmp', 0) for _ in range(300)]   | policy_denied | ",
      })
  void whatWasWrittenVanishes(String then, String errorType, String limit) {
    Program.Run run = run(sidecar.load(TASKS), name, then);
    if (limit != null) {
      run.option(
          limit,
          switch (limit) {
            case "timeout" -> "1s";
            case "ram" -> "1GB";
            default -> "300000000";
          });
    }
    var envelope = run.envelope();
    if (errorType == null) {
      assertThat(envelope.success()).isTrue();
    } else {
      assertThat(envelope.errorType()).isEqualTo(errorType);
    }
    Deadline.await("the scratch folder to vanish", () -> !isThere());
  }

  @Test
  void whatWasWrittenVanishesWhenItIsCancelled() {
    Pending pending = run(sidecar.load(TASKS), name, "while True: pass").start();
    Deadline.await("the task to write", this::isThere);
    pending.cancel();
    Deadline.await("the scratch folder to vanish", () -> !isThere());
  }

  @Test
  void aVeryDeepTreeVanishesToo() {
    String then =
        """
        os.chdir('/tmp')
        for i in range(3000):
            os.mkdir('d')
            os.chdir('d')
            open('file', 'w').close()
        """;
    var _ = run(sidecar.load(TASKS), name, then).envelope();
    Deadline.await("the scratch folder to vanish", () -> !isThere());
  }

  /** Killed, a sidecar removes nothing: the next one does. */
  @Test
  void whatAKilledSidecarLeftBehindIsRemovedByTheNext() {
    Path folder = sidecar.newFolder();
    SidecarProcess killed = SidecarProcess.ready();
    try {
      var _ = run(Program.load(killed, folder, TASKS), name, "time.sleep(300)").start();
      Deadline.await("the task to write", this::isThere);
    } finally {
      killed.close(); // at once, as by kill -9
    }
    try (SidecarProcess next = SidecarProcess.ready()) {
      var _ = run(Program.load(next, folder, TASKS), "other", "pass").value();
      Deadline.await("what was left behind to vanish", () -> !isThere());
    }
  }
}
