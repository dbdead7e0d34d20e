package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.Reply;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** More than the sidecar takes: it says so, goes on, and takes more when there is room. */
class OverloadTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final int MOST = 10_000;

  @Test
  void requestsBeyondTenThousandAreRefusedAndCancelledOnesMakeRoom() {
    Program program =
        sidecar.load(
            """
            import time
            from capsule import task

            @task
            def sleeps():
                time.sleep(3600)
            """);
    List<Pending> runs = new ArrayList<>();
    for (int i = 0; i < MOST - 1; i++) { // the bystander is one more
      runs.add(program.task("sleeps").events().start());
    }
    EnvelopeView refused = program.task("sleeps").named("refused").envelope();
    assertThat(refused.errorType()).isEqualTo("overloaded");
    assertThat(refused.message())
        .isEqualTo(
            "10,000 requests are waiting or running, the most that one client may have; send the"
                + " next when some have been answered");
    assertThat(refused.execution().get("run_id").getAsString()).isEqualTo("refused");
    assertThat(refused.execution().get("task_name").getAsString()).isEqualTo("sleeps");
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("main.py"), "");
    Reply load = sidecar.process().request("loadProgram", Program.params(folder)).reply();
    assertThat(load.code()).isEqualTo(-32012);
    assertThat(runs).noneMatch(Pending::isAnswered);
    runs.forEach(Pending::cancel);
    runs.forEach(run -> assertThat(run.reply().code()).isEqualTo(-32800));
    sidecar.assertAnswers();
  }
}
