package dev.capsule.repl;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.capsule.repl.Capsule.Ended;
import dev.capsule.repl.Capsule.Running;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs with a name: what they leave when they end in any way, and how they are gone on with. */
class WorkflowTest {
  private static final String PROGRAM =
      """
      from capsule import task

      @task(name="step")
      def step(n):
          print("step", n)
          if n == 0:
              raise ValueError("none")
          return n * 10

      @task(name="main", compute="HIGH")
      def main(last="2"):
          return [step(1), step(int(last))]
      """;

  /** Its first step done, it waits for a file to be there. */
  private static final String WAITING =
      """
      import os
      from capsule import task

      @task(name="step")
      def step(n):
          print("step", n)
          return n * 10

      @task(name="main", compute="HIGH")
      def main():
          print("got", step(1), flush=True)
          while not os.path.exists("gate/open"):
              pass
          return step(2)
      """;

  @TempDir Path folder;
  private Capsule capsule;

  @BeforeEach
  void writeProgram() throws Exception {
    Files.createDirectory(folder.resolve(".capsule"));
    capsule = new Capsule(folder).with("main.py", PROGRAM);
  }

  @Test
  void aFinishedOneIsNotRunAgain() throws Exception {
    Ended first = capsule.run("run", "main.py", "--id", "job-1");
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out()).startsWith("step 1\nstep 2\n[").endsWith("]\n");
    assertThat(first.err()).isEmpty();

    Ended again = capsule.run("run", "main.py", "--id", "job-1");
    assertThat(again.out()).isEqualTo("[\n  10,\n  20\n]\n");
    assertThat(again.err()).contains("job-1 has finished before");

    Ended json = capsule.run("run", "main.py", "--id", "job-1", "--json");
    JsonObject envelope = JsonParser.parseString(json.out()).getAsJsonObject();
    assertThat(envelope.get("result")).hasToString("[10,20]");
    assertThat(envelope.getAsJsonObject("execution").get("replayed").getAsBoolean()).isTrue();

    Ended runs = capsule.run("runs");
    assertThat(runs.out().lines()).hasSize(2);
    assertThat(runs.out()).containsPattern("job-1 +finished +2 .* main\\.py");
    assertThat(capsule.run("resume", "job-1").err()).contains("has finished");
  }

  @Test
  void aFailedOneRepeatsOnlyWhatFailed() throws Exception {
    Ended failed = capsule.run("run", "main.py", "0", "--id", "job");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err())
        .contains("ValueError: none")
        .contains("Go on with it: capsule resume job\n");
    assertThat(capsule.run("runs", "--failed").out()).contains("job");
    Ended steps = capsule.run("runs", "job");
    assertThat(steps.out())
        .contains("✓ step(1) ")
        .contains("… step(0)  to be run again")
        .contains("none");

    capsule.with("main.py", PROGRAM.replace("if n == 0", "if n == 7"));
    Ended resumed = capsule.run("resume", "job");
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.err())
        .contains("resuming job: capsule run main.py 0 --id job\n")
        .contains("resuming job: 1 step done before\n");
    assertThat(resumed.out()).isEqualTo("step 0\n[\n  10,\n  0\n]\n");
    assertThat(capsule.run("runs", "--failed").err()).contains("no failed workflows");
  }

  @Test
  void anInterruptedOneGoesOn() throws Exception {
    capsule.with("main.py", WAITING);
    Files.createDirectory(folder.resolve("gate"));
    Running running = capsule.start("run", "main.py", "--id", "job", "--mount", "gate:ro");
    running.awaitOutput("got 10");
    assertThat(capsule.run("runs").out()).containsPattern("job +running +1 ");

    Ended second = capsule.run("run", "main.py", "--id", "job", "--mount", "gate:ro");
    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err()).contains("job").contains("capsule cancel job");
    assertThat(capsule.run("rm", "job").err()).contains("job is running");

    running.signal("INT");
    Ended interrupted = running.awaitEnd();
    assertThat(interrupted.code()).isEqualTo(130);
    assertThat(interrupted.err())
        .isEqualTo("capsule: interrupted\nGo on with it: capsule resume job\n");
    assertThat(capsule.run("runs").out()).containsPattern("job +interrupted");

    Files.createFile(folder.resolve("gate/open"));
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Ended resumed = new Capsule(elsewhere).run("resume", "job", "--folder", "..");
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.out()).doesNotContain("step 1\n").contains("step 2\n");
  }

  @Test
  void aCancelledOneStopsWhereverItRuns() throws Exception {
    capsule.with("main.py", WAITING);
    Running running = capsule.start("run", "main.py", "--id", "my job");
    running.awaitOutput("got 10");

    Ended cancel = capsule.run("cancel", "my job");
    assertThat(cancel).isEqualTo(new Ended(0, "my job is cancelled; who runs it stops\n", ""));
    Ended stopped = running.awaitEnd();
    assertThat(stopped.code()).isEqualTo(1);
    assertThat(stopped.err()).contains("cancelled").contains("`capsule resume 'my job'`");

    Ended refused = capsule.run("run", "main.py", "--id", "my job");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("`capsule resume 'my job'`");
    assertThat(capsule.run("cancel", "my job").out()).contains("was cancelled before");

    assertThat(capsule.run("rm", "my job").out()).isEqualTo("removed my job\n");
    Ended gone = capsule.run("runs", "my job");
    assertThat(gone.code()).isEqualTo(2);
    assertThat(gone.err()).startsWith("capsule: \"my job\" is no workflow of the journal ");
  }

  @Test
  void aChangedProgramIsToldAndMayStartAgain() throws Exception {
    capsule.run("run", "main.py", "0", "--id", "job");
    capsule.with("main.py", PROGRAM.replace("[step(1)", "[step(5)"));

    Ended changed = capsule.run("run", "main.py", "0", "--id", "job");
    assertThat(changed.code()).isEqualTo(1);
    assertThat(changed.err())
        .contains("the workflow \"job\" does not do what it did before (main.py:3)")
        .contains("  recorded  task step(1)\n  now       task step(5)\n")
        .contains("--on-change=restart");
    Ended json = capsule.run("run", "main.py", "0", "--id", "job", "--json");
    assertThat(json.out().lines()).hasSize(1);
    assertThat(json.out()).contains("\"type\":\"replay_mismatch\"");

    Ended other = capsule.run("run", "main.py", "3", "--id", "job");
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.err())
        .contains("was begun with other arguments")
        .contains("now       main(\"3\")");

    Ended restarted = capsule.run("run", "main.py", "0", "--id", "job", "--on-change=restart");
    assertThat(restarted.err()).contains("starting it from the beginning").contains("none");
    assertThat(restarted.out()).contains("step 5\n");
  }

  @Test
  void whatWasMistypedIsNotKept() throws Exception {
    assertThat(capsule.run("run", "main.py", "--task", "mian", "--id", "job").code()).isEqualTo(2);
    assertThat(capsule.run("run", "main.py", "a", "b", "--id", "job").code()).isEqualTo(1);
    assertThat(capsule.run("runs").err()).startsWith("no workflows in ");
    assertThat(capsule.run("run", "main.py", "--id", "job").code()).isZero();
  }

  @Test
  void tellsProgramsInJsonAndTidiesUp() throws Exception {
    capsule.run("run", "main.py", "--id", "job");
    JsonArray workflows =
        JsonParser.parseString(capsule.run("runs", "--json").out())
            .getAsJsonObject()
            .getAsJsonArray("workflows");
    assertThat(workflows).hasSize(1);
    assertThat(workflows.get(0).getAsJsonObject().get("command"))
        .hasToString("[\"capsule\",\"run\",\"main.py\",\"--id\",\"job\"]");
    assertThat(capsule.run("runs", "job", "--json").out()).contains("\"steps\":[{");

    assertThat(capsule.run("rm", "--older-than", "1d").out()).isEqualTo("removed 0 workflows\n");
    assertThat(capsule.run("rm", "--older-than", "0s").out()).isEqualTo("removed 1 workflow\n");
  }

  @Test
  void withoutDurabilityNothingIsKept() throws Exception {
    Ended failed = capsule.run("run", "main.py", "0", "--id", "job", "--durability", "off");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err()).doesNotContain("capsule resume");
    assertThat(capsule.run("runs").err()).contains("no workflows");
  }

  @Test
  void refusesWhatMakesNoSense() throws Exception {
    assertThat(capsule.run("run", "main.py", "--on-change=restart").err()).contains("--id");
    assertThat(capsule.run("run", "main.py", "--id=a", "--on-change=never").err())
        .contains("fail, restart, continue");
    assertThat(capsule.run("rm").code()).isEqualTo(2);
    assertThat(capsule.run("rm", "a", "--older-than", "1d").code()).isEqualTo(2);
    assertThat(capsule.run("rm", "--older-than", "soon").err()).contains("--older-than \"soon\"");
    assertThat(capsule.run("resume").code()).isEqualTo(2);
    assertThat(capsule.run("cancel", "nothing").code()).isEqualTo(2);
    assertThat(capsule.run("runs", "--folder", "nowhere").err()).contains("nowhere");
    assertThat(capsule.run("help", "runs").out()).contains("--failed");
  }
}
