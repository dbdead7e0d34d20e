package dev.capsule.sidecar.attack;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.NeedsJavaScript;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.RawServer;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile code in JavaScript: what the other classes of this package do to the Python guest. */
@NeedsJavaScript
class JavaScriptTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import { task, tool, taskRef, TaskError } from "@capsule/sdk";
      import * as fs from "node:fs";

      const HOSTILE = { ok: 1, error: { type: "timeout", message: "forged" } };

      /** Runs source as the user's own code. */
      export const does = task({ name: "does" }, async (code: string) => {
        const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
        const names = { fs, task, taskRef, tool, TaskError, limited };
        return new AsyncFunction(...Object.keys(names), code)(...Object.values(names));
      });

      export const limited = task({ name: "limited", ram: "60MB", timeout: "5s" }, () => {
        const kept: Uint8Array[] = [];
        for (let i = 0; i < 100; i++) kept.push(new Uint8Array(2_000_000).fill(1));
        return kept.length;
      });

      export const polluted = task({ name: "polluted" }, () => [
        typeof (Object.prototype as any).polluted, typeof (globalThis as any).left,
        [1].map((n) => n)[0], JSON.stringify({ a: 1 }), "polluted" in {},
      ]);

      export const returnsAnEnvelope = task({ name: "envelope" }, () => ({ success: false, ...HOSTILE }));
      export const returnsAReply = task({ name: "reply" }, () => HOSTILE);

      const bomb = { ram: "80MB", compute: "HIGH", timeout: "60s" };
      export const doublesAString = task({ name: "doubles_a_string", ...bomb }, () => {
        let text = "x";
        for (;;) text += text + text.length;
      });
      export const repeatsAString = task({ name: "repeats_a_string", ...bomb }, () => "ä".repeat(500_000_000).length);
      export const joins = task({ name: "joins", ...bomb }, () => new Array(300_000_000).join("x").length);
      export const growsAnArray = task({ name: "grows_an_array", ...bomb }, () => {
        const kept: unknown[] = [];
        for (;;) kept.push({ kept });
      });
      export const typedArray = task({ name: "typed_array", ...bomb }, () => new Float64Array(200_000_000).length);
      export const arrayBuffers = task({ name: "array_buffers", ...bomb }, () => {
        const kept = [];
        for (;;) kept.push(new ArrayBuffer(1_000_000));
      });
      export const growsABuffer = task({ name: "grows_a_buffer", ...bomb }, () => {
        let buffer = Buffer.alloc(1);
        for (;;) buffer = Buffer.concat([buffer, buffer]);
      });
      export const hugeInteger = task({ name: "huge_integer", ...bomb }, () => {
        let n = 2n;
        for (;;) n = n * n;
      });
      export const promises = task({ name: "promises", ...bomb }, async () => {
        const kept: Promise<unknown>[] = [];
        for (;;) kept.push(new Promise(() => {}));
      });
      export const timers = task({ name: "timers", ...bomb }, () => {
        for (;;) setTimeout(() => {}, 1e9);
      });
      export const catchesMemory = task({ name: "catches_memory", ...bomb }, () => {
        const kept: unknown[] = [];
        for (;;) {
          try {
            for (;;) kept.push(new Uint8Array(1_000_000).fill(1));
          } catch {
            kept.push([]);
          }
        }
      });

      const fuel = { compute: 300_000_000, timeout: "60s", ram: "1GiB" };
      export const spins = task({ name: "spins", ...fuel }, () => { for (;;) {} });
      export const floods = task({ name: "floods", ...fuel }, () => {
        const again = () => queueMicrotask(again);
        again();
        return new Promise(() => {});
      });
      export const floodsPromises = task({ name: "floods_promises", ...fuel }, async () => {
        for (;;) await null;
      });
      export const thenables = task({ name: "thenables", ...fuel }, () => {
        const again = { then: (resolve: (value: unknown) => void) => resolve(again) };
        return again as unknown as Promise<void>;
      });
      export const backtracks = task({ name: "backtracks", ...fuel }, () => /^(a+)+$/.test("a".repeat(64) + "b"));
      export const backtracksMore = task({ name: "backtracks_more", ...fuel }, () =>
        /(x+x+)+y/.exec("x".repeat(5_000)));
      export const sorts = task({ name: "sorts", ...fuel }, () => {
        for (;;) Array.from({ length: 1e5 }, (_, i) => -i).sort((a, b) => a - b);
      });
      export const parses = task({ name: "parses", ...fuel }, () => {
        const text = "[" + "1,".repeat(1e5) + "1]";
        for (;;) JSON.parse(text);
      });
      export const swallows = task({ name: "swallows", ...fuel }, () => {
        for (;;) {
          try {
            for (;;) {}
          } catch {
          } finally {
            continue;
          }
        }
      });
      export const generates = task({ name: "generates", ...fuel }, () => {
        function* all(): Generator<number> { for (;;) yield 1; }
        return [...(function* () { for (const x of all()) if (x > 1) yield x; })()];
      });

      export const deep = task({ name: "deep", compute: "HIGH", timeout: "60s" }, (how: string) => {
        const nested = (open: string, close: string, n: number) => open.repeat(n) + close.repeat(n);
        const ways: Record<string, () => unknown> = {
          plain: () => { const f = (): number => 1 + f(); return f(); },
          json: () => JSON.parse(nested("[", "]", 1e6)),
          stringify: () => { let a: unknown[] = []; for (let i = 0; i < 1e6; i++) a = [a]; return JSON.stringify(a); },
          regexp: () => new RegExp(nested("(", ")", 1e6)),
          source: () => (0, eval)(nested("(", ")", 1e6)),
          getter: () => { const o = { get x(): unknown { return this.x; } }; return o.x; },
          proxy: () => { let p: object = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); return (p as any).x; },
          string: () => { let a: unknown[] = []; for (let i = 0; i < 1e6; i++) a = [a]; return String(a); },
          bind: () => { let f = (): unknown => 1; for (let i = 0; i < 1e6; i++) f = f.bind(null); return f(); },
          flat: () => { let a: unknown[] = []; for (let i = 0; i < 1e6; i++) a = [a]; return a.flat(Infinity); },
          result: () => { let a: unknown[] = []; for (let i = 0; i < 1e6; i++) a = [a]; return a; },
        };
        return ways[how]!();
      });
      """;

  private static Program program() {
    return sidecar.loadTypeScript(TASKS);
  }

  private static Program.Run does(String code) {
    return program().task("does").args(code);
  }

  // ---- what a call leaves behind

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Object.prototype.polluted = 1; globalThis.left = 1;",
        "Array.prototype.map = () => ['polluted'];",
        "JSON.stringify = () => '\"polluted\"'; JSON.parse = () => 'polluted';",
        "Object.defineProperty(Object.prototype, 'polluted', {get() { return 1; }});",
        "globalThis.constructor.constructor('globalThis.left = 1')();",
        "Promise.prototype.then = function () { return this; }; globalThis.left = 1;"
      })
  void nothingIsLeftForTheNextCall(String code) {
    Program program = program();
    program.task("does").args(code).envelope(); // its own end is its own affair
    for (int i = 0; i < 20; i++) {
      assertThat(program.task("polluted").value().toString())
          .isEqualTo("[\"undefined\",\"undefined\",1,\"{\\\"a\\\":1}\",false]");
    }
  }

  /** The runtime's own reply does not depend on what a program may replace. */
  @Test
  void aProgramThatPollutesStillGetsItsOwnResult() {
    assertThat(
            does("Object.prototype.toJSON = () => 'polluted'; Array.prototype.map = null;"
                    + " Object.prototype.op = 'call'; return [1, {a: 2}];")
                .value()
                .toString())
        .isEqualTo("[1,{\"a\":2}]");
  }

  // ---- more than was declared

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limited.options.ram = '4GiB'; return limited();",
        "limited.options = {ram: '4GiB'}; return limited();",
        "Object.prototype.ram = '4GiB'; Object.prototype.policy = {ram: '4GiB'}; return limited();",
        "Object.prototype.toJSON = function () { return {...this, ram: '4GiB'}; }; return limited();",
        "const again = taskRef('limited'); again.options = {ram: '4GiB'}; return again();",
      })
  void aPolicyIsThatOfTheDeclaration(String code) {
    EnvelopeView envelope = does(code).envelope();
    assertThat(envelope.errorType()).isEqualTo("task_error");
    assertThat(envelope.message()).startsWith("limited: ").contains("memory");
  }

  @Test
  void aTaskThatWasNotDeclaredWhenTheProgramWasLoadedIsNone() {
    assertThat(does("return task({name: 'later', ram: '4GiB'}, () => 1)()").envelope().message())
        .contains("there is no task \"later\"");
  }

  @Test
  void argumentsAreNoOptions() {
    EnvelopeView envelope =
        does("return limited({ram: '4GiB'}, {options: {ram: '4GiB'}, policy: {}})").envelope();
    assertThat(envelope.success()).isFalse();
  }

  /** Nothing that leads out of the sandbox is in reach. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "return typeof native",
        "return typeof std + typeof os + typeof bjson",
        "return await import('std').then(() => 'there', () => 'undefined')",
        "return await import('qjs:os').then(() => 'there', () => 'undefined')",
        "return await import('file:///etc/passwd').then(() => 'there', () => 'undefined')",
        "return await import('https://example.com/x.js').then(() => 'there', () => 'undefined')",
        "return await import('data:text/javascript,1').then(() => 'there', () => 'undefined')",
        "return typeof Function('return this')().native",
        "return typeof (0, eval)('this').__capsule",
        "return typeof globalThis.native + typeof globalThis.host + typeof globalThis.submit",
        "return typeof WebAssembly"
      })
  void noWayLeadsOut(String code) {
    assertThat(does(code).value().getAsString()).matches("(undefined)+");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "require('node:child_process').execSync('id')",
        "(await import('node:child_process')).execSync('id')",
        "(await import('node:net')).connect(80, '127.0.0.1')",
        "(await import('node:worker_threads')).Worker",
        "(await import('node:vm')).runInThisContext('1')",
        "process.binding('fs')",
        "process.dlopen({}, '/x.node')",
        "process.kill(1)"
      })
  void whatTheSandboxDoesNotHaveSaysSo(String code) {
    EnvelopeView envelope = does("return typeof (" + code + ") + ''").envelope();
    if (envelope.success()) { // a name may be there, as long as it does nothing
      assertThat(envelope.value().getAsString()).isIn("undefined", "function", "object");
    } else {
      assertThat(envelope.errorType()).isEqualTo("task_error");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fs.readFileSync('/etc/passwd')",
        "fs.readFileSync('/proc/self/environ')",
        "fs.readFileSync('/in/../../etc/passwd')",
        "fs.readFileSync('/in/out')",
        "fs.readFileSync('/in/up/outside')",
        "fs.writeFileSync('/in/secret', 'x')",
        "fs.symlinkSync('/etc/passwd', '/in/way')",
        "fs.linkSync('/in/secret', '/out/way')",
        "fs.renameSync('/in/secret', '/out/way')",
        "fs.readFileSync(new URL('file:///etc/passwd'))",
        "fs.readFileSync(Buffer.from('/etc/passwd'))",
        "fs.readdirSync('/').includes('etc') || (() => { throw new Error('not there') })()",
        "fs.openSync('/in/secret', 'r+')",
        "fs.readFileSync('/in/secret\\0/../../etc/passwd')"
      })
  void filesAreThoseThatWereGranted(String code) throws IOException {
    Path folder = sidecar.newFolder();
    Path in = Files.createDirectories(folder.resolve("in"));
    Path out = Files.createDirectories(folder.resolve("out"));
    Program.write(in.resolve("secret"), "secret");
    Program.write(folder.resolve("outside"), "outside");
    Files.createSymbolicLink(in.resolve("out"), folder.resolve("outside"));
    Files.createSymbolicLink(in.resolve("up"), folder);
    EnvelopeView envelope =
        does("return String(" + code + ")")
            .option("mounts", Json.array(in + "::/in:ro", out + "::/out"))
            .envelope();
    assertThat(envelope.errorType()).as(envelope.toString()).isEqualTo("task_error");
    assertThat(in.resolve("secret")).hasContent("secret");
    assertThat(out).isEmptyDirectory();
  }

  @Test
  void whatIsWrittenIsBounded() {
    Path folder = sidecar.newFolder();
    EnvelopeView envelope =
        does("for (let i = 0; ; i++) fs.writeFileSync('/w/f' + i, Buffer.alloc(1e6))")
            .option("mounts", Json.array(folder + "::/w"))
            .option("max_disk", "5MB")
            .envelope();
    assertThat(envelope.errorType()).isEqualTo("policy_denied");
  }

  @Test
  void requestsGoWhereTheyMay() {
    try (RawServer secret = RawServer.answering(RawServer.ok("secret"));
        RawServer first =
            RawServer.answering(
                "HTTP/1.1 302 Found\r\nLocation: "
                    + secret.url("/x")
                    + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")) {
      String granted = "127.0.0.1:" + first.port();
      for (String code :
          List.of(
              "return (await fetch('" + secret.url("/") + "')).text()",
              "return (await fetch('" + first.url("/") + "')).text()",
              "return (await fetch('"
                  + first.url("/")
                  + "', {headers: {Host: '"
                  + secret.url("").replace("http://", "")
                  + "'}})).text()",
              "return (await fetch('http://"
                  + granted
                  + "@127.0.0.1:"
                  + secret.port()
                  + "/')).text()",
              "globalThis.URL = class { constructor() { return {href: '"
                  + secret.url("/")
                  + "', protocol: 'http:'} } }; return (await fetch('"
                  + first.url("/")
                  + "')).text()")) {
        EnvelopeView envelope = does(code).option("allowed_hosts", Json.array(granted)).envelope();
        assertThat(envelope.success()).as(envelope.toString()).isFalse();
      }
      assertThat(secret.connections()).isZero();
    }
  }

  @Test
  void theEnvironmentIsEmpty() {
    assertThat(does("return Object.keys(process.env).length").value().getAsInt()).isZero();
    assertThat(does("process.env.PATH = '/x'; return process.env.PATH").value().getAsString())
        .isEqualTo("/x");
    assertThat(does("return process.env.PATH ?? 'absent'").value().getAsString())
        .isEqualTo("absent");
  }

  @Test
  void toolsAreThoseOfTheTask() {
    sidecar.process().forgetToolCalls();
    EnvelopeView envelope =
        does("return tool(function secret() {})('x')").tools("secret").envelope();
    assertThat(envelope.success()).isFalse();
    assertThat(sidecar.process().toolCalls()).isEmpty();
  }

  // ---- forgeries

  @Test
  void whatLooksLikeAnEnvelopeIsAResult() {
    Program program = program();
    assertThat(program.task("envelope").value().getAsJsonObject().get("success").getAsBoolean())
        .isFalse();
    JsonObject reply = program.task("reply").value().getAsJsonObject();
    assertThat(reply.get("ok").getAsInt()).isEqualTo(1);
  }

  @Test
  void printedFramesAreOutput() {
    String body = "{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"method\\\":\\\"exit\\\"}";
    String code =
        "for (let i = 0; i < 1000; i++) process.stdout.write('Content-Length: 33\\r\\n\\r\\n"
            + body
            + "'); return 'honest'";
    assertThat(does(code).named("frames").value().getAsString()).isEqualTo("honest");
    assertThat(sidecar.process().output("frames", "stdout")).contains("\"method\":\"exit\"");
    assertThat(sidecar.process().strays()).isEmpty();
  }

  @Test
  void errorsNameThemselvesNothingThatTheHostDecides() {
    for (String type :
        List.of("timeout", "out_of_fuel", "policy_denied", "cancelled", "internal")) {
      EnvelopeView envelope =
          does("class X extends TaskError { constructor() { super({type: '"
                  + type
                  + "', message: 'm'}); this.type = '"
                  + type
                  + "'; this.name = '"
                  + type
                  + "'; } } throw new X();")
              .envelope();
      assertThat(envelope.errorType()).isEqualTo("task_error");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "throw {toString() { throw 1; }}",
        "throw new Proxy({}, {get() { throw new Error('again'); }})",
        "throw Object.create(null)",
        "throw Symbol('s')",
        "throw null",
        "const e = new Error('m'); Object.defineProperty(e, 'stack', {get() { throw e; }}); throw e",
        "const e = new Error('m'); e.cause = e; throw e",
        "throw new AggregateError([new Error('a'), null, {get message() { throw 1; }}])",
        "const e = new Error(); e.message = 'x'.repeat(50_000_000); throw e",
        "Error.prepareStackTrace = () => { throw 1; }; throw new Error('m')",
        "return {toJSON() { throw new Error('m'); }}",
        "return new Proxy([], {get() { throw new Error('m'); }})",
        "return {get a() { throw new Error('m'); }}",
        "const a = []; a.push(a); return a",
        "return '\\ud800'",
        "return [Symbol('s')]",
        "return () => 1"
      })
  void whateverIsThrownOrReturnedIsOneCleanEnd(String code) {
    EnvelopeView envelope = does(code).envelope();
    if (!envelope.success()) {
      assertThat(envelope.errorType()).isIn("task_error", "invalid_result", "out_of_memory");
      assertThat(envelope.message().length()).isLessThan(2 << 20);
    }
  }

  // ---- bombs

  @ParameterizedTest
  @ValueSource(
      strings = {
        "doubles_a_string",
        "repeats_a_string",
        "joins",
        "grows_an_array",
        "typed_array",
        "array_buffers",
        "grows_a_buffer",
        "huge_integer",
        "promises",
        "timers",
        "catches_memory"
      })
  void memoryIsBounded(String task) {
    // an engine that cannot make so long a string or so large an integer says so before
    assertThat(program().task(task).envelope().errorType())
        .isIn("out_of_memory", "out_of_fuel", "timeout", "task_error");
  }

  @Test
  void theHostDoesNotGrowWithThem() {
    long before = sidecar.process().residentBytes();
    for (String task : List.of("grows_an_array", "array_buffers", "promises")) {
      for (int i = 0; i < 3; i++) {
        program().task(task).envelope();
      }
    }
    assertThat(sidecar.process().residentBytes() - before).isLessThan(300L << 20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spins",
        "floods",
        "floods_promises",
        "thenables",
        "backtracks",
        "backtracks_more",
        "sorts",
        "parses",
        "swallows",
        "generates"
      })
  void computingIsBoundedByFuelAndByTime(String task) {
    assertThat(program().task(task).envelope().errorType()).isEqualTo("out_of_fuel");
    assertThat(
            program()
                .task(task)
                .option("compute", "HIGH")
                .option("timeout", "300ms")
                .envelope()
                .errorType())
        .isEqualTo("timeout");
  }

  @ParameterizedTest
  @CsvSource({
    "plain, stack_overflow",
    "json, any",
    "stringify, any",
    "regexp, any",
    "source, any",
    "getter, stack_overflow",
    "proxy, any",
    "string, any",
    "bind, any",
    "flat, any",
    "result, invalid_result"
  })
  void recursionEndsCleanly(String how, String type) {
    EnvelopeView envelope = program().task("deep").args(how).envelope();
    if (type.equals("any")) {
      assertThat(envelope.success() ? "success" : envelope.errorType())
          .isIn("success", "stack_overflow", "task_error", "out_of_memory", "invalid_result");
    } else {
      assertThat(envelope.errorType()).isEqualTo(type);
    }
  }

  // ---- the top level, which runs without rights when the program is loaded

  @ParameterizedTest
  @ValueSource(
      strings = {
        "for (;;) {}",
        "await new Promise(() => {});",
        "const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1));",
        "const f = () => f(); f();",
        "process.exit(0);",
        "fs.readFileSync('/etc/passwd');",
        "await fetch('http://127.0.0.1:1/');",
        "throw new Error('no');",
        "while (true) console.log('x'.repeat(1e6));",
        "const again = () => Promise.resolve().then(again); await again();"
      })
  void aTopLevelHasNoRightsAndEnds(String code) {
    Path folder = sidecar.newFolder();
    Program.write(
        folder.resolve("main.ts"),
        "import { task } from '@capsule/sdk';\nimport * as fs from 'node:fs';\n"
            + "task({ name: 'main' }, () => fs);\n"
            + code);
    assertThat(
            sidecar
                .process()
                .request("loadProgram", Program.params(folder, "main.ts"))
                .reply()
                .code())
        .isEqualTo(-32010);
  }

  /** It runs once without rights and once for each task: it can tell which it is. */
  @Test
  void whatTheTopLevelSaysLaterIsNotHeard() {
    Path marks = sidecar.newFolder();
    Program program =
        sidecar.loadTypeScript(
            """
            import { task } from "@capsule/sdk";
            import { existsSync } from "node:fs";
            const granted = existsSync("/marks");
            export const main = task({ name: "main", ram: granted ? "2GiB" : "60MB" }, () => {
              const kept: Uint8Array[] = [];
              for (let i = 0; i < 100; i++) kept.push(new Uint8Array(2_000_000).fill(1));
              return granted;
            });
            """);
    assertThat(
            program
                .task("main")
                .option("mounts", Json.array(marks + "::/marks:ro"))
                .envelope()
                .errorType())
        .isEqualTo("out_of_memory");
  }

  @Test
  void namesOfTasksAreNothingButNames() {
    JsonArray names = new JsonArray();
    for (String name : List.of("__proto__", "constructor", "\"},{\"op\":\"call", "toString")) {
      names.add(name);
      assertThat(
              program()
                  .task("does")
                  .args("return taskRef(" + new com.google.gson.JsonPrimitive(name) + ")()")
                  .envelope()
                  .message())
          .contains("there is no task");
    }
  }
}
