package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.NeedsJavaScript;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.Reply;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tasks call tasks of other files, in both languages, each with the policy of its own file. */
@NeedsJavaScript
class ProgramsAcrossFilesTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String CONFIG =
      """
      [tasks.ts_add]
      file = "math.ts"
      [tasks.ts_down]
      file = "math.ts"
      [tasks.ts_greedy]
      file = "math.ts"
      ram = "64MB"
      [tasks.ts_reads]
      file = "math.ts"
      allowed_files = ["data:ro"]
      [tasks.ts_env]
      file = "math.ts"
      [tasks.ts_waits]
      file = "math.ts"
      [tasks.ts_fails]
      file = "math.ts"
      [tasks.py_down]
      file = "main.py"
      [tasks.py_other]
      file = "lib/other.py"
      """;
  private static final String PYTHON =
      """
      import asyncio
      from capsule import task, task_ref, TaskError

      ts_add, ts_down, ts_greedy = task_ref("ts_add"), task_ref("ts_down"), task_ref("ts_greedy")
      names = ["ts_reads", "ts_env", "ts_waits", "ts_fails", "py_other", "nobody"]
      refs = {name: task_ref(name) for name in names}

      @task
      def main(a, b):
          return ts_add(a, b)

      @task
      async def gathers(n):
          return await asyncio.gather(*[ts_add(i, 1) for i in range(n)])

      @task
      def maps(n):
          return refs["py_other"].map(range(n))

      @task
      def py_down(n):
          return ["py", n] + (ts_down(n - 1) if n else [])

      @task
      def outcome(name, *args):
          try:
              return ["value", {**refs, "ts_greedy": ts_greedy}[name](*args)]
          except TaskError as e:
              return [e.type, str(e), e.task]

      @task(tasks=["ts_add"])
      def granted():
          return ts_add(1, 2)

      @task(tasks=["main"])
      def denied():
          return ts_add(1, 2)

      @task
      def waits():
          return refs["ts_waits"]()
      """;
  private static final String TYPESCRIPT =
      """
      import { task, taskRef } from "@capsule/sdk";
      import { readFileSync } from "node:fs";

      const pyDown = taskRef<[number], unknown[]>("py_down");
      export const add = task({ name: "ts_add" }, (a: number, b: number) => a + b);
      export const down = task({ name: "ts_down" }, async (n: number): Promise<unknown[]> =>
        ["ts", n, ...(n ? await pyDown(n - 1) : [])]);
      export const greedy = task({ name: "ts_greedy" }, () => new Uint8Array(200_000_000).length);
      export const reads = task({ name: "ts_reads" }, (path: string) => readFileSync(path, "utf8"));
      export const env = task({ name: "ts_env", envVariables: ["CAPSULE_T"] }, () =>
        process.env.CAPSULE_T ?? "absent");
      export const waits = task({ name: "ts_waits" }, () =>
        new Promise((resolve) => setTimeout(resolve, 3_600_000)));
      export const fails = task({ name: "ts_fails" }, () => {
        throw new TypeError("in TypeScript");
      });
      """;

  private Path folder = Path.of("unset");

  @BeforeEach
  void write() {
    folder = sidecar.newFolder();
    Program.write(folder.resolve("capsule.toml"), CONFIG);
    Program.write(folder.resolve("math.ts"), TYPESCRIPT);
    Program.write(folder.resolve("main.py"), PYTHON);
    Program.write(folder.resolve("data/in.txt"), "text");
    Program.write(
        folder.resolve("lib/other.py"),
        "from capsule import task\n@task\ndef py_other(x): return x * 2\n");
  }

  private Program program() {
    return Program.load(sidecar.process(), folder, PYTHON);
  }

  private String outcome(String... args) {
    return program().task("outcome").args((Object[]) args).value().toString();
  }

  @Test
  void eachLanguageCallsTheOther() {
    assertThat(program().task("main").args(2, 3).value().getAsInt()).isEqualTo(5);
    assertThat(program().task("gathers").args(3).value().toString()).isEqualTo("[1,2,3]");
    assertThat(program().task("maps").args(3).value().toString()).isEqualTo("[0,2,4]");
    assertThat(program().task("py_down").args(4).value().toString())
        .isEqualTo("[\"py\",4,\"ts\",3,\"py\",2,\"ts\",1,\"py\",0]");
    Program other = Program.load(sidecar.process(), folder, "math.ts", TYPESCRIPT);
    assertThat(other.task("ts_down").args(2).value().toString())
        .isEqualTo("[\"ts\",2,\"py\",1,\"ts\",0]");
  }

  @Test
  void aClientNamesThemToo() {
    assertThat(program().task("ts_add").args(2, 3).value().getAsInt()).isEqualTo(5);
    EnvelopeView envelope = program().task("ts_greedy").envelope();
    assertThat(envelope.errorType()).isEqualTo("out_of_memory");
    assertThat(envelope.execution().get("task_name").getAsString()).isEqualTo("ts_greedy");
  }

  @Test
  void theDepthIsThatOfTheWholeChain() {
    assertThat(program().task("py_down").args(16).value().toString()).endsWith("\"py\",0]");
    EnvelopeView tooDeep = program().task("py_down").args(17).envelope();
    assertThat(tooDeep.message()).contains("py_down → ts_down → py_down");
  }

  @Test
  void theirOwnPolicyHolds() {
    assertThat(outcome("ts_greedy")).startsWith("[\"out_of_memory\"");
    assertThat(outcome("ts_reads", "data/in.txt")).isEqualTo("[\"value\",\"text\"]");
    assertThat(outcome("ts_reads", "main.py")).startsWith("[\"task_error\"");
    assertThat(outcome("ts_fails")).contains("in TypeScript").endsWith("\"ts_fails\"]");
    Program.Run env = program().task("outcome").args("ts_env");
    env.params().add("env", JsonParser.parseString("{\"CAPSULE_T\": \"mine\"}"));
    assertThat(env.value().toString()).isEqualTo("[\"value\",\"mine\"]");
    assertThat(program().task("granted").value().getAsInt()).isEqualTo(3);
    assertThat(program().task("denied").envelope().message()).contains("may not call \"ts_add\"");
  }

  @Test
  void theCeilingIsThatOfTheWholeRun() {
    JsonObject ceiling = new JsonObject();
    ceiling.add("allowed_files", Json.array());
    assertThat(
            program()
                .task("outcome")
                .args("ts_reads", "data/in.txt")
                .ceiling(ceiling)
                .value()
                .toString())
        .startsWith("[\"policy_denied\"");
  }

  @Test
  void cancellingStopsThem() {
    Pending run = program().task("waits").named("whole").events("lifecycle").start();
    Deadline.await(
        "the other file's task runs",
        () ->
            sidecar.process().notifications().stream()
                .anyMatch(message ->
                    message.get("method").getAsString().equals("task/started")
                        && message.toString().contains("\"ts_waits\"")));
    run.cancel();
    assertThat(run.reply().code()).isEqualTo(-32800);
  }

  @Test
  void unknownNamesAreTold() {
    assertThat(outcome("nobody")).startsWith("[\"task_not_found\"").contains("there is no task");
    Program.write(folder.resolve("math.ts"), "export const x = ;");
    assertThat(outcome("py_other", "x")).isEqualTo("[\"value\",\"xx\"]");
    assertThat(outcome("ts_fails")).startsWith("[\"source_error\"").contains("math.ts:1");
    Program.write(
        folder.resolve("math.ts"), TYPESCRIPT.replace("name: \"ts_add\"", "name: \"ts_sum\""));
    assertThat(outcome("ts_fails")).contains("math.ts has no task of this name");
  }

  @Test
  void anEditOfTheOtherFileIsSeen() {
    Program first = program();
    assertThat(first.task("main").args(2, 3).value().getAsInt()).isEqualTo(5);
    assertThat(program().id()).isEqualTo(first.id());
    Program.write(folder.resolve("math.ts"), TYPESCRIPT.replace("a + b", "a * b"));
    assertThat(program().task("main").args(2, 3).value().getAsInt()).isEqualTo(6);
    // who goes on with the program that was loaded before goes on with all of it
    assertThat(first.task("main").args(2, 3).value().getAsInt()).isEqualTo(5);
  }

  @Test
  void aNameThatIsInTwoFilesIsRefused() {
    String source = PYTHON + "\n@task\ndef ts_add(): pass\n";
    Program.write(folder.resolve("main.py"), source);
    Reply reply = sidecar.process().request("loadProgram", Program.params(folder)).reply();
    assertThat(reply.code()).isEqualTo(-32602);
    assertThat(reply.toString()).contains("main.py has a task of this name too");
  }

  @Test
  void noFileOutsideTheProjectCanBeNamed() throws IOException {
    Path outside = Files.writeString(sidecar.newFolder().resolve("x.py"), "");
    for (String file : new String[] {outside.toString(), "../" + outside.getFileName()}) {
      Program.write(folder.resolve("capsule.toml"), "[tasks.x]\nfile = \"" + file + "\"\n");
      Reply reply = sidecar.process().request("loadProgram", Program.params(folder)).reply();
      assertThat(reply.code()).isEqualTo(-32602);
      assertThat(reply.toString()).contains("must be a program's file in the project's folder");
    }
  }

  @Test
  void theReportHasThemAll() {
    JsonObject params = new JsonObject();
    params.addProperty("root", folder.toString());
    params.addProperty("file", folder.resolve("main.py").toString());
    String report = sidecar.process().request("describeConfig", params).reply().result().toString();
    assertThat(report)
        .contains("\"name\":\"ts_greedy\",\"file\":\"math.ts\"")
        .contains("\"name\":\"py_other\",\"file\":\"lib/other.py\"")
        .contains("\"name\":\"main\",\"file\":\"main.py\"");
  }
}
