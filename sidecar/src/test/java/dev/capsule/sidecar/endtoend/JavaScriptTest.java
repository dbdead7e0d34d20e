package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.NeedsJavaScript;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.RawServer;
import dev.capsule.sidecar.harness.Reply;
import dev.capsule.sidecar.harness.SharedSidecar;
import dev.capsule.sidecar.harness.SidecarProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TypeScript and JavaScript programs, bundled and run in real sandboxes. */
@NeedsJavaScript
class JavaScriptTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import { task, tool, TaskError } from "@capsule/sdk";
      import { readFileSync, writeFileSync, existsSync } from "node:fs";
      import { setTimeout as sleep } from "node:timers/promises";

      export const add = task({ name: "add" }, (a: number, b: number): number => a + b);

      export const greet = task({ name: "greet" }, (who: string, { loud = false } = {}) => {
        console.log("greeting", who);
        console.error("quietly");
        return loud ? who.toUpperCase() : who;
      });

      export const naps = task({ name: "naps" }, async (ms: number) => {
        await sleep(ms);
        return ms;
      });

      export const fanOut = task({ name: "fan_out" }, async (n: number) =>
        (await Promise.all(Array.from({ length: n }, (_, i) => add(i, 1)))).reduce((a, b) => a + b, 0));

      export const fourNaps = task({ name: "four_naps" }, async (ms: number) =>
        Promise.all([naps(ms), naps(ms), naps(ms), naps(ms)]));

      export const fails = task({ name: "fails" }, (text: string) => {
        throw new RangeError(text);
      });

      export const catches = task({ name: "catches" }, async () => {
        try {
          await fails("inside");
          return "nothing";
        } catch (error) {
          return error instanceof TaskError ? [error.type, error.className, error.task] : String(error);
        }
      });

      export const depth = task({ name: "depth" }, async (n: number): Promise<number> =>
        n === 0 ? 0 : 1 + (await depth(n - 1)));

      export const spins = task({ name: "spins" }, () => { for (;;) {} });
      export const neverEnds = task({ name: "never_ends" }, () => new Promise(() => {}));
      export const sleepsLong = task({ name: "sleeps_long" }, () => sleep(3_600_000));
      export const microtasks = task({ name: "microtasks" }, async () => {
        const again = (): Promise<void> => Promise.resolve().then(again);
        await again();
      });
      export const recurses = task({ name: "recurses" }, () => {
        const f = (n: number): number => 1 + f(n + 1);
        return f(0);
      });
      export const exits = task({ name: "exits" }, () => process.exit(3));
      export const prints = task({ name: "prints" }, (n: number) => {
        for (let i = 0; i < n; i++) console.log("x".repeat(99));
      });
      export const returns = task({ name: "returns" }, (n: number) => "x".repeat(n));
      export const nothing = task({ name: "nothing" }, () => undefined);
      export const wrong = task({ name: "wrong" }, () => ({ a: [1, NaN] }));

      export const reads = task({ name: "reads" }, (path: string) => readFileSync(path, "utf8"));
      export const writes = task({ name: "writes" }, (path: string, text: string) => {
        writeFileSync(path, text);
        return existsSync(path);
      });
      export const fetches = task({ name: "fetches" }, async (url: string) => (await fetch(url)).text());
      export const environment = task({ name: "environment" }, () => Object.entries(process.env));

      export const search = tool(function search(query: string): string { return "host " + query; });
      export const uses = task({ name: "uses", tools: [search] }, async (query: string) => search(query));
      export const usesNone = task({ name: "uses_none" }, async (query: string) => search(query));

      export const flaky = task({ name: "flaky", maxRetries: 2 }, (path: string) => {
        const tries = existsSync(path) ? readFileSync(path, "utf8") : "";
        writeFileSync(path, tries + "x");
        if (tries.length < 2) throw new Error("not yet");
        return tries.length;
      });
      """;

  private static Program.Run run(String task) {
    return sidecar.loadTypeScript(TASKS).task(task);
  }

  private static String type(Program.Run run) {
    return run.envelope().errorType();
  }

  @Test
  void tasksTakeArgumentsAndReturnValues() {
    assertThat(run("add").args(2, 3).value().getAsInt()).isEqualTo(5);
    assertThat(run("nothing").value().isJsonNull()).isTrue();
    Program.Run named = run("greet").args("Ada");
    named.params().add("kwargs", JsonParser.parseString("{\"loud\": true}"));
    assertThat(named.named("greeting").value().getAsString()).isEqualTo("ADA");
    assertThat(sidecar.process().output("greeting", "stdout")).isEqualTo("greeting Ada\n");
    assertThat(sidecar.process().output("greeting", "stderr")).isEqualTo("quietly\n");
  }

  @Test
  void whatIsDeclaredIsTold() {
    Program program =
        sidecar.loadTypeScript(
            """
            import { task } from "@capsule/sdk";

            export const main = task(
              { name: "main", ram: "64MB", maxRetries: 1, envVariables: ["LANG"] },
              (x: number) => x,
            );
            """);
    JsonObject task = program.loaded().getAsJsonArray("tasks").get(0).getAsJsonObject();
    assertThat(program.loaded().get("entry").getAsString()).isEqualTo("main");
    assertThat(task.get("file").getAsString()).isEqualTo("main.ts");
    assertThat(task.get("line").getAsInt()).isBetween(3, 5);
    assertThat(task.getAsJsonObject("options").get("max_retries").getAsInt()).isEqualTo(1);
    assertThat(program.loaded().get("env").toString()).isEqualTo("[\"LANG\"]");
  }

  @Test
  void nestedTasksRunInSandboxesOfTheirOwn() {
    assertThat(run("fan_out").args(50).value().getAsInt()).isEqualTo(49 * 25 + 50);
    assertThat(run("depth").args(10).value().getAsInt()).isEqualTo(10);
    assertThat(type(run("depth").args(17))).isEqualTo("task_error");
    assertThat(run("catches").value().toString())
        .isEqualTo("[\"task_error\",\"RangeError\",\"fails\"]");
  }

  /** All four have begun before the first ends. */
  @Test
  void nestedSleepsOverlap() {
    run("four_naps").args(50).named("naps").events("lifecycle").envelope().value();
    String events =
        sidecar.process().notifications().stream()
            .filter(message ->
                message.getAsJsonObject("params").get("task").getAsString().equals("naps"))
            .map(message -> message.get("method").getAsString().replace("task/", ""))
            .filter(event -> !event.equals("queued"))
            .toList()
            .toString();
    assertThat(events)
        .isEqualTo("[started, started, started, started, finished, finished, finished, finished]");
  }

  @ParameterizedTest
  @CsvSource({
    "spins, timeout, 200ms, timeout",
    "spins, compute, 100000000, out_of_fuel",
    "sleeps_long, timeout, 200ms, timeout",
    "microtasks, timeout, 200ms, timeout",
    "microtasks, compute, 100000000, out_of_fuel",
    "recurses, timeout, 30s, stack_overflow",
    "exits, timeout, 30s, exit",
    "wrong, timeout, 30s, invalid_result"
  })
  void limitsHold(String task, String option, String value, String type) {
    assertThat(type(run(task).option(option, value))).isEqualTo(type);
  }

  @Test
  void aPromiseThatNobodySettlesIsTold() {
    EnvelopeView envelope = run("never_ends").envelope();
    assertThat(envelope.errorType()).isEqualTo("task_error");
    assertThat(envelope.message()).contains("never");
  }

  @Test
  void outputAndResultsAreBounded() {
    assertThat(run("prints").args(2_000).option("max_output", "10KB").named("much").value())
        .isNotNull();
    assertThat(sidecar.process().output("much", "stdout").length()).isLessThan(10_500);
    assertThat(type(run("returns").args(2_000).option("max_result", 1_000)))
        .isEqualTo("invalid_result");
    assertThat(run("returns").args(20_000_000).value().getAsString()).hasSize(20_000_000);
  }

  @Test
  void errorsPointToTheUsersSource() {
    EnvelopeView envelope = run("fails").args("boom").envelope();
    assertThat(envelope.message()).isEqualTo("boom");
    assertThat(envelope.error().get("class").getAsString()).isEqualTo("RangeError");
    int line =
        (int) TASKS.lines().takeWhile(text -> !text.contains("RangeError(text)")).count() + 1;
    assertThat(envelope.error().get("traceback").getAsString())
        .contains("main.ts:" + line + ":")
        .doesNotContain("native")
        .doesNotContain("capsule-bundle");
  }

  @Test
  void filesAreThoseThatWereGranted() {
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("in.txt"), "text");
    assertThat(type(run("reads").args("/in/in.txt"))).isEqualTo("task_error");
    assertThat(
            run("reads")
                .args("/in/in.txt")
                .option("mounts", Json.array(folder + "::/in:ro"))
                .value()
                .getAsString())
        .isEqualTo("text");
    assertThat(
            type(
                run("writes")
                    .args("/in/out.txt", "x")
                    .option("mounts", Json.array(folder + "::/in:ro"))))
        .isEqualTo("task_error");
    assertThat(folder.resolve("out.txt")).doesNotExist();
    run("writes").args("/in/out.txt", "x").option("mounts", Json.array(folder + "::/in")).value();
    assertThat(folder.resolve("out.txt")).hasContent("x");
  }

  @Test
  void requestsGoWhereTheyMay() {
    try (RawServer server = RawServer.answering(RawServer.ok("hello"))) {
      assertThat(type(run("fetches").args(server.url("/")))).isEqualTo("task_error");
      assertThat(server.connections()).isZero();
      assertThat(
              run("fetches")
                  .args(server.url("/"))
                  .option("allowed_hosts", Json.array("127.0.0.1:" + server.port()))
                  .value()
                  .getAsString())
          .isEqualTo("hello");
    }
  }

  @Test
  void theEnvironmentIsWhatWasGranted() {
    assertThat(run("environment").value().toString()).isEqualTo("[]");
    Program.Run granted = run("environment").option("env_variables", Json.array("CAPSULE_T"));
    granted.params().add("env", JsonParser.parseString("{\"CAPSULE_T\":\"v\",\"OTHER\":\"w\"}"));
    assertThat(granted.value().toString()).isEqualTo("[[\"CAPSULE_T\",\"v\"]]");
  }

  @Test
  void toolsAreThoseOfTheTask() {
    sidecar.process().forgetToolCalls();
    Pending uses = run("uses").args("cats").tools("search").start();
    JsonObject call = sidecar.process().awaitToolCalls(1).getFirst();
    assertThat(call.getAsJsonObject("params").get("args").toString()).isEqualTo("[\"cats\"]");
    sidecar.process().answer(call, new JsonPrimitive("found"));
    assertThat(uses.envelope().value().getAsString()).isEqualTo("found");
    EnvelopeView denied = run("uses_none").args("cats").tools("search").envelope();
    assertThat(denied.success()).isFalse();
    assertThat(denied.message()).contains("was not given the tool");
    assertThat(sidecar.process().toolCalls()).hasSize(1);
  }

  @Test
  void aTaskThatFailsIsTriedAgainInAFreshSandbox() {
    Path folder = sidecar.newFolder();
    EnvelopeView envelope =
        run("flaky").args("/w/tries").option("mounts", Json.array(folder + "::/w")).envelope();
    assertThat(envelope.value().getAsInt()).isEqualTo(2);
    assertThat(envelope.execution().get("retries").getAsInt()).isEqualTo(2);
  }

  @Test
  void cancellingStopsTheTaskAndAllThatItStarted() {
    for (String task : new String[] {"spins", "sleeps_long", "microtasks"}) {
      Pending run = run(task).named("c-" + task).events("lifecycle").start();
      Deadline.await(
          task,
          () ->
              sidecar.process().notifications().stream()
                  .anyMatch(message ->
                      message.get("method").getAsString().equals("task/started")
                          && message.toString().contains("\"c-" + task + "\"")));
      run.cancel();
      assertThat(run.reply().code()).isEqualTo(-32800);
    }
  }

  @Test
  void mistakesAreToldWhereTheyStand() {
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("main.ts"), "import { z } from \"zod\";\nz;\n");
    Reply reply =
        sidecar.process().request("loadProgram", Program.params(folder, "main.ts")).reply();
    assertThat(reply.code()).isEqualTo(-32010);
    assertThat(reply.toString())
        .contains("npm install zod in " + folder)
        .contains("\"file\":\"main.ts\"")
        .contains("\"line\":1")
        .contains("\"column\":19");
  }

  /** The bundler does not look into regular expressions, and the engine knows no place for them. */
  @Test
  void aMistakeThatOnlyTheGuestFindsIsToldWithoutAWrongPlace() {
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("lib.ts"), "type A = 1;\n\nexport const r = /(/;\n");
    Program.write(folder.resolve("main.ts"), "import { r } from './lib';\nconsole.log(r);\n");
    Reply reply =
        sidecar.process().request("loadProgram", Program.params(folder, "main.ts")).reply();
    assertThat(reply.code()).isEqualTo(-32010);
    assertThat(reply.toString()).contains("SyntaxError: ").contains("\"line\":null");
  }

  @Test
  void anEditIsSeenAtOnce() {
    Path folder = sidecar.newFolder();
    String source =
        """
        import { task } from "@capsule/sdk";
        import { value } from "./value.js";
        export const main = task({ name: "main" }, () => value);
        """;
    for (int i = 1; i <= 5; i++) {
      Program.write(folder.resolve("value.ts"), "export const value = " + i + ";\n");
      Program program = Program.load(sidecar.process(), folder, "main.ts", source);
      assertThat(program.task("main").value().getAsInt()).isEqualTo(i);
      assertThat(Program.load(sidecar.process(), folder, "main.ts", source).id())
          .isEqualTo(program.id());
    }
  }

  @Test
  void cancellingALoadEndsTheBundler() throws Exception {
    Path folder = sidecar.newFolder();
    Path pid = folder.resolve("pid");
    Path slow = folder.resolve("slow");
    Program.write(
        slow,
        "#!/bin/sh\ncase $1 in --version) echo 0.28.0;; *) echo $$ >'"
            + pid
            + "'; exec sleep 600;; esac\n");
    assertThat(slow.toFile().setExecutable(true)).isTrue();
    Program.write(folder.resolve("main.ts"), "export const main = () => 1;\n");
    try (SidecarProcess own = SidecarProcess.start(Map.of("CAPSULE_ESBUILD", slow.toString()))) {
      own.initialize();
      Pending load = own.request("loadProgram", Program.params(folder, "main.ts"));
      Deadline.await("the bundler runs", () -> Files.exists(pid) && !text(pid).isBlank());
      load.cancel();
      assertThat(load.reply().code()).isEqualTo(-32800);
      long id = Long.parseLong(text(pid).strip());
      Deadline.await(
          "it has ended", () -> !ProcessHandle.of(id).map(ProcessHandle::isAlive).orElse(false));
      own.assertHealthy();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theUsersProgramMayGoOnOutside() {
    Program program =
        sidecar.loadTypeScript(
            """
            import { task } from "@capsule/sdk";
            export const add = task({ name: "add" }, (a: number, b: number) => a + b);
            const sum = await add(1, 2);
            console.log(sum);
            if (import.meta.main) console.log("outside");
            """);
    assertThat(program.task("add").args(1, 2).value().getAsInt()).isEqualTo(3);
  }
}
