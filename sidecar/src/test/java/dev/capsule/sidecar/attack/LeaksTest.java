package dev.capsule.sidecar.attack;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.NeedsJavaScript;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one sandbox leaves behind is found by no other; all of them start from one snapshot. */
class LeaksTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final int POLLUTED = 10;

  private static final String TASKS =
      """
      import asyncio, builtins, hashlib, json, os, random, secrets, sys, tempfile, time, uuid
      from capsule import task
      import capsule

      module_state = []
      module_random = random.Random()

      @task
      def numbers():
          return [
              random.random(), random.getrandbits(64), random.Random().random(),
              random.SystemRandom().random(), module_random.random(),
              os.urandom(16).hex(), os.getrandom(16).hex() if hasattr(os, "getrandom") else os.urandom(16).hex(),
              secrets.token_hex(16), secrets.token_urlsafe(16), secrets.randbits(64),
              str(uuid.uuid4()), str(uuid.uuid1()), str(uuid.uuid7()) if hasattr(uuid, "uuid7") else str(uuid.uuid4()),
              next(tempfile._get_candidate_names()),
          ]

      @task(max_retries=3)
      def numbers_of_an_attempt():
          print(json.dumps(numbers.function()))
          raise ValueError

      @task
      def pollutes():
          module_state.append(os.getpid())
          builtins.len = lambda _: 42
          builtins.leak = "leak"
          sys.modules["leak"] = sys
          sys.path.append("/leak")
          os.environ["LEAK"] = "leak"
          json.dumps = None
          capsule.leak = "leak"
          random.seed(1)
          sys.setrecursionlimit(77)
          sys.stdout = None
          for folder in ("/tmp", "/", "."):
              try:
                  open(folder + "/leak", "w").close()
              except OSError:
                  pass
          builtins.kept = [bytearray(b"LEAKED-SECRET" * 1_000_000)]
          return True

      @task
      def looks():
          found = []
          if module_state: found.append("module")
          if len([]) == 42 or hasattr(builtins, "leak"): found.append("builtins")
          if "leak" in sys.modules: found.append("modules")
          if "/leak" in sys.path: found.append("path")
          if os.environ: found.append("env")
          if json.dumps is None: found.append("json")
          if hasattr(capsule, "leak"): found.append("capsule")
          if sys.getrecursionlimit() == 77: found.append("recursion")
          if sys.stdout is None: found.append("stdout")
          for folder in ("/tmp", "/", "."):
              if os.path.exists(folder + "/leak"): found.append(folder)
          return found

      @task
      def searches_memory():
          needle = b"LEAKED-" + b"SECRET"
          import gc
          held = (each for container in gc.get_objects() for each in gc.get_referents(container))
          return [type(each).__name__ for each in held if isinstance(each, bytearray) and needle in each]

      @task
      def hash_seed():
          return hash("the seed is part of the snapshot")
      """;

  private static void assertAllDiffer(Program program, int numbersOfEach) {
    List<Pending> runs = new ArrayList<>();
    for (int i = 0; i < 40; i++) { // from the pool, warmed or not, and beyond it
      runs.add(program.task("numbers").start());
    }
    Set<JsonElement> seen = new HashSet<>();
    int all = 0;
    for (Pending run : runs) {
      JsonArray numbers = run.envelope().value().getAsJsonArray();
      for (JsonElement number : numbers) {
        all++;
        assertThat(seen.add(number)).as("%s comes twice", number).isTrue();
      }
    }
    assertThat(all).isEqualTo(40 * numbersOfEach);
  }

  @Test
  void noTwoSandboxesShareARandomNumber() {
    assertAllDiffer(sidecar.load(TASKS), 14);
  }

  @Test
  @NeedsJavaScript
  void noTwoSandboxesOfJavaScriptShareARandomNumber() {
    Program program =
        sidecar.loadTypeScript(
            """
            import { task } from "@capsule/sdk";
            import nodeCrypto from "node:crypto";

            const early = [Math.random(), crypto.randomUUID()];

            export const numbers = task({ name: "numbers" }, () => [
              ...early, Math.random(), Math.random(), crypto.randomUUID(),
              crypto.getRandomValues(new BigUint64Array(1)).join(), nodeCrypto.randomUUID(),
              nodeCrypto.randomBytes(16).toString("hex"), nodeCrypto.randomInt(2 ** 48 - 1),
            ]);
            """);
    assertAllDiffer(program, 9);
  }

  @Test
  void noTwoAttemptsShareARandomNumber() {
    Program program = sidecar.load(TASKS);
    var _ = program.task("numbers_of_an_attempt").named("attempts").envelope();
    Set<JsonElement> seen = new HashSet<>();
    String[] lines = sidecar.process().output("attempts", "stdout").strip().split("\n");
    assertThat(lines).hasSize(4);
    for (String line : lines) {
      for (JsonElement number : Json.of(line).getAsJsonArray()) {
        assertThat(seen.add(number)).as("%s comes twice", number).isTrue();
      }
    }
  }

  /** More often than there are sandboxes in the pool, so that one which was put back is found. */
  private static void assertEmpty(Program program, String looking) {
    for (int i = 0; i < POLLUTED; i++) {
      assertThat(program.task("pollutes").value().getAsBoolean()).isTrue();
    }
    for (int i = 0; i < 3 * POLLUTED; i++) {
      assertThat(program.task(looking).value().toString()).isEqualTo("[]");
    }
  }

  @Test
  void whatATaskChangesIsGoneWithIt() {
    assertEmpty(sidecar.load(TASKS), "looks");
  }

  @Test
  void memoryOfOthersIsNotThere() {
    assertEmpty(sidecar.load(TASKS), "searches_memory");
  }

  /** CPython takes it when it starts, which is before the snapshot; docs/security.md says so. */
  @Test
  void theHashSeedIsTheSameInAllAsDocumented() {
    Program program = sidecar.load(TASKS);
    assertThat(program.task("hash_seed").value()).isEqualTo(program.task("hash_seed").value());
  }

  @ParameterizedTest
  @ValueSource(strings = {"first", "second"})
  void programsDoNotSeeEachOther(String secret) {
    Program program =
        sidecar.load(
            """
            import sys
            from capsule import task

            SECRET = "%s"

            @task
            def main():
                return [m for m in sys.modules if getattr(sys.modules[m], "SECRET", "%s") != "%s"]
            """
                .formatted(secret, secret, secret));
    assertThat(program.task("main").value().toString()).isEqualTo("[]");
  }

  @Test
  void taskIdsOfOthersAreNoHandles() {
    Program program =
        sidecar.load(
            """
            import json, time
            from capsule import task
            from wit_world.imports import host

            @task
            def sleeper():
                time.sleep(0.3)
                return "secret"

            @task
            def thief():
                ids = list(range(1, 200))
                for id in ids:
                    host.submit(json.dumps({"op": "cancel", "id": id}))
                found = json.loads(host.wait(list(range(1000, 2000)), 0))
                return [f for f in found if "ok" in f]

            @task
            def victim():
                return sleeper()
            """);
    Pending victim = program.task("victim").start();
    assertThat(program.task("thief").value().toString()).isEqualTo("[]");
    assertThat(victim.envelope().value().getAsString()).isEqualTo("secret");
  }
}
