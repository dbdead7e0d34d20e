package dev.capsule.repl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.repl.Capsule.Ended;
import dev.capsule.repl.Capsule.Running;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens when a run is disturbed: by Ctrl-C, by a closed pipe, by the sidecar's death. */
class InterruptionTest {
  private static final String SPIN =
      """
      def main():
          print("spinning")
          while True:
              pass
      """;

  @TempDir Path folder;
  private Capsule capsule;

  @BeforeEach
  void writeProgram() {
    capsule = new Capsule(folder).with("spin.py", SPIN);
  }

  @Test
  void ctrlCStopsTheTaskAndTheSidecar() throws Exception {
    Running running = capsule.start("run", "spin.py", "--compute", "HIGH");
    running.awaitOutput("spinning");
    List<ProcessHandle> children = running.children();
    assertThat(children).isNotEmpty();

    running.signal("INT");

    Ended ended = running.awaitEnd();
    assertThat(ended.code()).isEqualTo(130);
    assertThat(ended.err()).isEqualTo("capsule: interrupted\n");
    awaitDeath(children);
  }

  @Test
  void ctrlCWithJsonStillPrintsAnEnvelope() throws Exception {
    capsule.with("spin.py", SPIN.replace("\"spinning\"", "\"spinning\", flush=True"));
    Running running = capsule.start("run", "spin.py", "--json", "--compute", "HIGH");
    running.awaitErrors("spinning");

    running.signal("INT");

    Ended ended = running.awaitEnd();
    assertThat(ended.code()).isEqualTo(130);
    assertThat(ended.out().lines()).hasSize(1);
    assertThat(ended.out()).contains("\"type\":\"cancelled\"");
  }

  @Test
  void theSidecarsDeathIsToldAsSuch() throws Exception {
    Running running = capsule.start("run", "spin.py", "--compute", "HIGH");
    running.awaitOutput("spinning");

    running.children().forEach(ProcessHandle::destroyForcibly);

    Ended ended = running.awaitEnd();
    assertThat(ended.code()).isEqualTo(3);
    assertThat(ended.err()).contains("the sidecar ended with status 137").contains("doctor");
  }

  @Test
  void aKilledCommandLeavesNoSidecar() throws Exception {
    Running running = capsule.start("run", "spin.py", "--compute", "HIGH");
    running.awaitOutput("spinning");
    List<ProcessHandle> children = running.children();
    assertThat(children).isNotEmpty();

    running.signal("KILL");

    running.awaitEnd();
    awaitDeath(children);
  }

  @Test
  void endsQuietlyWhenNobodyReads() throws Exception {
    capsule.with(
        "chatty.py",
        """
        def main():
            while True:
                print("line")
        """);
    Ended ended =
        capsule.runCommand(
            List.of(
                "bash",
                "-c",
                "\"$0\" run chatty.py --compute HIGH | head -n 2; echo \"${PIPESTATUS[0]}\"",
                Capsule.launcher().toString()));
    assertThat(ended).isEqualTo(new Ended(0, "line\nline\n141\n", ""));
  }

  private static void awaitDeath(List<ProcessHandle> processes) throws InterruptedException {
    Capsule.await(
        "end of " + processes, () -> processes.stream().noneMatch(ProcessHandle::isAlive));
  }
}
