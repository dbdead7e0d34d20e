/** Snippets and sessions, in real sandboxes. */

import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import * as capsule from "../src/index.js";
import {
  Capsule,
  type CellResult,
  close,
  OptionError,
  runJavaScript,
  runPython,
  Session,
  SessionError,
  type SessionOptions,
  SidecarLost,
  TaskError,
  TaskTimeout,
  tool,
  toolContext,
  WorkflowBusy,
} from "../src/index.js";
import { sidecarPid, temporaryFolder } from "./helpers.js";

const double = tool(function double(n: number) {
  return 2 * n;
});

afterAll(close);

/** A session that ends with the test. */
async function opened(language = "python", options: SessionOptions = {}): Promise<Session> {
  const session = await Session.open(language, options);
  onTestFinished(() => session.close());
  return session;
}

/** The cell's value; fails the test if the cell fails. */
async function evaluated(session: Session, code: string): Promise<unknown> {
  const result = await session.run(code);
  expect(result.error, code).toBeNull();
  return result.value;
}

/** Runs a cell until it has printed; then does what is asked, and gives the outcome. */
async function interrupted(session: Session, code: string): Promise<CellResult> {
  return session.run(code, { onOutput: () => session.interrupt() });
}

/** Does it with a sidecar of its own. */
async function alone<T>(ask: (client: Capsule) => Promise<T>): Promise<T> {
  await using client = new Capsule();
  return await ask(client);
}

describe("a snippet", () => {
  test("gives its value and what it printed", async () => {
    const code = "import sys\nprint('out')\nprint('err', file=sys.stderr)\n{'a': [1, 2**70]}";
    const result = await runPython(code);
    expect(result).toMatchObject({ success: true, error: null, state: "lost", parts: [] });
    expect(result.value).toEqual({ a: [1, 2n ** 70n] });
    expect(result.text).toBe("{'a': [1, 1180591620717411303424]}");
    expect([result.stdout, result.stderr]).toEqual(["out\n", "err\n"]);
    expect(result.check()).toBe(result);
    expect(result.execution.fuel_consumed).toBeGreaterThan(0);
    const none = await runPython("x = 1");
    expect([none.value, none.text]).toEqual([null, null]);
  });

  test("may be JavaScript or TypeScript", async () => {
    const code = "const n: number = 20; console.log('hi'); ({ n: n * 2 + 2, at: await 1 })";
    const { value, stdout } = await runJavaScript<{ n: number }>(code);
    expect([value, stdout]).toEqual([{ n: 42, at: 1 }, "hi\n"]);
  });

  test("that fails says so", async () => {
    const failed = await runPython("def f():\n    1 / 0\nf()");
    expect(failed).toMatchObject({ success: false, value: null, text: null });
    expect(failed.error).toMatchObject({ type: "task_error", class: "ZeroDivisionError" });
    expect(failed.error?.traceback).toContain('File "<snippet>", line 2, in f');
    expect(() => failed.check()).toThrow(TaskError);
    expect(() => failed.check()).toThrow("division by zero");
    expect((await runPython("x =")).error?.type).toBe("source_error");
    const slow = await runJavaScript("while (true) {}", { timeout: "100ms" });
    expect(() => slow.check()).toThrow(TaskTimeout);
    expect((await runPython("while True: pass", { compute: 10_000_000 })).error?.type).toBe(
      "out_of_fuel",
    );
  });

  test("has nothing but what it is given", async () => {
    process.env.CAPSULE_TEST_SECRET = "s3cret";
    onTestFinished(() => {
      delete process.env.CAPSULE_TEST_SECRET;
    });
    const look = "import os\nos.environ.get('CAPSULE_TEST_SECRET'), os.path.exists('/work/x')";
    const folder = temporaryFolder();
    expect((await runPython(look)).value).toEqual([null, false]);
    const write = "open('/work/x', 'w').write('x')";
    expect((await runPython(write)).error?.class).toBe("FileNotFoundError");
    const mounts = [`${folder}::/work`];
    expect((await runPython(write, { mounts })).error).toBeNull();
    const envVariables = ["CAPSULE_TEST_SECRET"];
    expect((await runPython(look, { mounts, envVariables })).value).toEqual(["s3cret", true]);
    const ceiling = { envVariables: [], allowedFiles: [] };
    const denied = await runPython(look, { mounts, envVariables, ceiling });
    expect(denied.error?.type).toBe("policy_denied");
    expect((await runPython("double(4)")).error?.class).toBe("NameError");
  });

  test("is stopped by its signal", async () => {
    const abort = new AbortController();
    const onOutput = (): void => abort.abort(new Error("enough"));
    const { signal } = abort;
    const code = "while (true) { console.log('x'); }";
    await expect(runJavaScript(code, { signal, onOutput })).rejects.toThrow("enough");
    await expect(runPython("1", { signal })).rejects.toThrow("enough");
  });

  test("whose output is refused is stopped", async () => {
    const onOutput = (): void => {
      throw new RangeError("too much");
    };
    const code = "while True: print('x')";
    await expect(runPython(code, { onOutput })).rejects.toThrow(new RangeError("too much"));
  });
});

describe("what is no argument is refused by name:", () => {
  test.each<[string, string, () => Promise<unknown>]>([
    ["code", "must be a string", () => runPython(7 as never)],
    ["code", "lone surrogate", () => runPython("'\ud800'")],
    ["ram", "abc", () => runPython("1", { ram: "abc" })],
    ["timeout", "-1", () => runJavaScript("1", { timeout: "-1" })],
    ["options", "options.compute is NaN", () => runJavaScript("1", { compute: Number.NaN })],
    ["no_such_option", "no_such", () => runPython("1", { noSuchOption: 1 } as never)],
    ["ceiling.ram", "much", () => runPython("1", { ceiling: { ram: "much" } })],
    ["root", "nowhere", () => runPython("1", { cwd: "/nowhere/at/all" })],
    ["language", "cobol", () => Session.open("cobol")],
    ["language", "cobol", () => alone((client) => Session.open("cobol", { client }))],
    ["language", "missing", () => Session.open(undefined as never)],
    ["idle_timeout", "soon", () => Session.open("python", { idleTimeout: "soon" })],
    ["name", "must be a string", () => Session.open("python", { name: 7 as never })],
    ["name", "200", () => Session.open("python", { name: "x".repeat(201) })],
    ["mounts", "/workspace", () => Session.open("python", { mounts: ["/tmp::/workspace/x"] })],
  ])("%s (%s)", async (field, told, ask) => {
    const error: unknown = await ask().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ field, message: expect.stringContaining(told) });
  });

  test("those of a session's methods", async () => {
    const session = await opened();
    const asked: [string, () => Promise<unknown>][] = [
      ["code", () => session.run({} as never)],
      ["timeout", () => session.run("1", { timeout: "1 parsec" })],
      ["timeout", () => session.run("1", { timeout: Number.NaN })],
      ["compute", () => session.run("1", { compute: "HUGE" })],
      ["content", () => session.putFile("x", [1] as never)],
      ["content", () => session.putFile("x", "y".repeat(65 * 2 ** 20))],
      ["path", () => session.getFile(7 as never)],
      ["cursor", () => session.complete("abc", 4)],
      ["cursor", () => session.complete("abc", 0.5)],
    ];
    for (const [field, ask] of asked) {
      const error: unknown = await ask().catch((error: unknown) => error);
      expect(error, field).toBeInstanceOf(OptionError);
      expect(error).toMatchObject({ field });
    }
    expect(await evaluated(session, "1")).toBe(1);
  });

  test("what cannot be such an option at all", async () => {
    await expect(runPython("1", { mounts: "./x" as never })).rejects.toThrow(/mounts is an array/);
    await expect(Session.open("python", { tools: [Math.max as never] })).rejects.toThrow(
      /tool\(\)/,
    );
  });
});

describe("a session", () => {
  test.each([
    ["python", "x = 20", "x * 2 + 2"],
    ["javascript", "let x: number = 20", "x * 2 + 2"],
  ])("in %s keeps its state", async (language, first, second) => {
    const session = await opened(language, { name: "notes" });
    expect([session.language, session.name]).toEqual([language, "notes"]);
    expect(await session.run(first)).toMatchObject({ success: true, text: null, state: "kept" });
    const result = await session.run<number>(second);
    expect([result.value, result.text, result.state]).toEqual([42, "42", "kept"]);
  });

  test("runs in order what is asked for at once", async () => {
    const session = await opened();
    const asked = [
      session.putFile("n", "0"),
      session.run("x = [int(open('n').read())]\nfor _ in range(100_000): pass"),
      ...[1, 2, 3].map((n) => session.run(`x.append(${n})`)),
      session.run("x"),
    ];
    const results = await Promise.all(asked);
    expect(results.at(-1)).toMatchObject({ value: [0, 1, 2, 3] });
  });

  test("sees nothing of another", async () => {
    const [one, other] = [await opened(), await opened()];
    await one.run("secret = 1");
    await one.putFile("secret", "1");
    const look = "import os\n('secret' in globals(), os.listdir('.'))";
    expect(await evaluated(other, look)).toEqual([false, []]);
  });

  test("names the cell and its line", async () => {
    const session = await opened("javascript");
    await session.run("let x = 1");
    const failed = await session.run("\nthrow new TypeError('no')");
    expect(failed.error).toMatchObject({ type: "task_error", class: "TypeError", message: "no" });
    expect(failed.error?.traceback).toContain("<cell 2>:2");
    expect(failed.state).toBe("kept");
    expect(() => failed.check()).toThrow("no");
    const wrong = await session.run("x =");
    expect(wrong.error?.type).toBe("source_error");
    expect(wrong.error?.message).toContain("<cell 3>:1");
  });

  test("names the lines that were written, also where types are taken out", async () => {
    const session = await opened("javascript");
    const declared = `
interface Price {
  amount: number;
}

import {
  format,
  inspect,
} from "node:util"

function check(price: Price): number {
  if (price.amount < 0) throw new RangeError("less than nothing")
  return price.amount
}
enum Kind { A, B }
check({ amount: 1 })
`;
    expect(await evaluated(session, declared)).toBe(1);
    const failed = await session.run("const p: Price = { amount: -1 }\n\ncheck(p as Price)");
    expect(failed.error?.traceback?.split("\n")).toEqual([
      "RangeError: less than nothing",
      "    at check (<cell 1>:12:35)",
      "    at <eval> (<cell 2>:3:7)",
    ]);
    const before = "type T = string\nconst t: T = 'x'\n";
    const wrong = await session.run(`${before}const u: T = (1 +\n`);
    expect(wrong.error?.type).toBe("source_error");
    expect(wrong.error?.message).toMatch(/^<cell 3>:4:1: /);
    const early = await session.run(`${before}function f(this: T) { "use strict"; delete t }`);
    expect(early.error?.message).toMatch(/^<cell 4>:3:\d+: .*\n {4}function f\(this/);
  });

  test("shows rich values", async () => {
    const python = `
class Chart:
    def _repr_html_(self): return "<b>chart</b>"
    def _repr_png_(self): return b"\\x89PNG"
Chart()
`;
    const { parts } = await runPython(python);
    expect(parts).toEqual([
      { mime: "text/html", data: "<b>chart</b>" },
      { mime: "image/png", data: Buffer.from("\x89PNG", "latin1") },
    ]);
    const session = await opened("javascript");
    const forms = "{ 'application/json': { a: 1 }, 'image/svg+xml': '<svg/>', 'x/y': '?' }";
    const shown = await session.run(`({ [Symbol.for("Jupyter.display")]: () => (${forms}) })`);
    expect(shown.parts).toEqual([
      { mime: "application/json", data: '{"a":1}' },
      { mime: "image/svg+xml", data: "<svg/>" },
    ]);
    expect(shown.stderr).toContain('"x/y" is left out');
  });

  test("calls tools in this process", async () => {
    const seen: unknown[] = [];
    const where = tool({ name: "where" }, () => {
      const { task, signal } = toolContext() ?? {};
      seen.push(task, signal?.aborted);
      throw new RangeError("not here");
    });
    const session = await opened("python", { tools: [double, where] });
    await session.run("x = double(2)");
    expect(await evaluated(session, "await double(x)")).toBe(8);
    const failed = await session.run("where()");
    expect(failed.error).toMatchObject({ class: "ToolError" });
    expect(failed.error?.message).toContain("not here");
    expect(seen).toEqual([expect.any(String), false]);
    expect((await session.run("search()")).error?.class).toBe("NameError");
    const bounded = { tools: [double], ceiling: { tools: [] } };
    expect((await runPython("double(1)", bounded)).error?.type).toBe("policy_denied");
  });

  test("may be used by tools, but not without end", async () => {
    const told: (string | undefined)[] = [];
    const again = tool({ name: "again" }, async (): Promise<void> => {
      const { error } = await runPython("again()", { tools: [again] });
      told.push(error?.type);
    });
    expect((await runPython("again()", { tools: [again] })).error).toBeNull();
    expect(told).toEqual(["overloaded", ...Array(15).fill(undefined)]);
    const session = await opened();
    const outer = tool({ name: "outer" }, async () => (await session.run("x = 1; x")).value);
    expect((await runPython("outer()", { tools: [outer] })).value).toBe(1);
  });

  test("tells output as it is printed", async () => {
    const session = await opened("javascript");
    const told: string[] = [];
    const onOutput = ({ stream, text }: capsule.OutputEvent): void => {
      told.push(`${stream}: ${text}`);
    };
    const result = await session.run("console.log('a'); console.error('b')", { onOutput });
    expect(told).toEqual(["stdout: a\n", "stderr: b\n"]);
    expect([result.stdout, result.stderr]).toEqual(["a\n", "b\n"]);
  });

  test("knows how code may go on", async () => {
    const session = await opened();
    await session.run("prices = {}\nclass Ä: pass");
    const code = "'😀' + pric";
    const { start, matches } = await session.complete(code);
    expect([code.slice(start), matches]).toEqual(["pric", [{ text: "prices", kind: "variable" }]]);
    const inside = await session.complete("prices.pope, 1", 9);
    expect(inside.start).toBe(7);
    expect(inside.matches.map(({ text }) => text)).toEqual(["pop", "popitem"]);

    const other = await opened("javascript");
    const declared =
      "let cons1 = { deep: { er: 1 } }; const cons2 = 2; class Cons3 {} function cons4() {}";
    await other.run(`${declared}; throw 1; let cons5`);
    const texts = async (text: string): Promise<string[]> =>
      (await other.complete(text)).matches.map((match) => `${match.kind} ${match.text}`);
    expect(await texts("cons")).toEqual([
      ...["keyword const", "variable cons1", "variable cons2"],
      ...["function cons4", "variable console", "function constructor"],
    ]);
    expect(await texts("x + Cons")).toEqual(["function Cons3"]);
    expect(await texts("cons1.deep.")).toContain("variable er");
    expect(await texts("Cons3.na")).toEqual(["variable name"]);
  });

  test("can be reset and forked", async () => {
    const session = await opened("python", { tools: [double] });
    await session.run("x = 1\nprint('once')");
    await session.putFile("a", "1");
    const fork = await session.fork();
    onTestFinished(() => fork.close());
    await fork.run("x += 1");
    expect([await evaluated(session, "x"), await evaluated(fork, "x")]).toEqual([1, 2]);
    expect((await fork.getFile("a")).toString()).toBe("1");
    expect(await evaluated(fork, "double(x)")).toBe(4);
    await expect(fork.fork()).rejects.toThrow(SessionError);
    await fork.close();
    await session.reset();
    expect((await session.run("x")).error?.class).toBe("NameError");
    expect(await session.listFiles()).toEqual([]);
  });

  test("is over when it is closed", async () => {
    const session = await opened();
    const running = session.run("while True: pass");
    await session.close();
    expect((await running).error?.type).toBe("cancelled");
    await session.close();
    await expect(session.run("1")).rejects.toThrow(
      new SessionError("the session is closed; open another"),
    );
    await expect(session.listFiles()).rejects.toThrow(SessionError);
    let kept: Session | undefined;
    {
      await using block = await Session.open("python");
      kept = block;
      expect(await evaluated(block, "1")).toBe(1);
    }
    await expect(kept.run("1")).rejects.toThrow("closed");
  });

  test("ends with its sidecar", async () => {
    const client = new Capsule();
    const session = await opened("python", { client });
    await session.run("x = 1");
    const onOutput = async (): Promise<void> => {
      process.kill(await sidecarPid(client), "SIGKILL");
    };
    const running = session.run("print(1)\nwhile True: pass", { onOutput });
    await expect(running).rejects.toThrow(SidecarLost);
    await expect(session.run("x")).rejects.toThrow(/gone; open another session/);
    await session.close();
    expect((await runPython("1", { client })).value).toBe(1);
    await client.close();
  });

  test("ends when it has been idle", async () => {
    const session = await opened("python", { idleTimeout: 0.001 });
    let result: CellResult | SessionError;
    do {
      result = await session.run("1").catch((error: SessionError) => error);
    } while (!(result instanceof Error));
    expect(result).toBeInstanceOf(SessionError);
    expect(result.message).toContain("idle for too long");
    await session.close();
  });
});

describe("an interrupt", () => {
  test.each([
    ["python", "print(1)\nwhile True: pass", "x = 1", "KeyboardInterrupt"],
    ["javascript", "console.log(1); while (true) {}", "let x = 1", "Interrupted"],
  ])("in %s keeps the state", async (language, endless, first, className) => {
    const session = await opened(language);
    await session.run(first);
    const result = await interrupted(session, endless);
    expect(result.error).toMatchObject({ type: "cancelled", class: className });
    expect(result.state).toBe("kept");
    expect(await evaluated(session, "x")).toBe(1);
  });

  test("ends what waits, too", async () => {
    const session = await opened();
    const waiting = [session.run("while True: pass"), session.run("x = 1")];
    session.interrupt();
    const results = await Promise.all(waiting);
    expect(results.map(({ error }) => error?.type)).toEqual(["cancelled", "cancelled"]);
    expect((await session.run("x")).error?.class).toBe("NameError");
  });

  test("by a signal rejects, and keeps the state", async () => {
    const session = await opened();
    await session.run("x = 1");
    const abort = new AbortController();
    const { signal } = abort;
    const onOutput = (): void => abort.abort(new Error("enough"));
    const running = session.run("print(1)\nwhile True: print(2)", { signal, onOutput });
    await expect(running).rejects.toThrow("enough");
    await expect(session.run("x = 2", { signal })).rejects.toThrow("enough");
    expect(await evaluated(session, "x")).toBe(1);
  });

  test("by an output that is refused rejects, and keeps the state", async () => {
    const session = await opened("javascript");
    await session.run("let x = 1");
    const onOutput = (): void => {
      throw new RangeError("too much");
    };
    const running = session.run("while (true) { console.log(1) }", { onOutput });
    await expect(running).rejects.toThrow(new RangeError("too much"));
    expect(await evaluated(session, "x")).toBe(1);
  });

  test("that the language cannot take loses the state, and says so", async () => {
    const session = await opened();
    await session.run("x = 1");
    const code = "print(1, flush=True)\n10 ** 10 ** 9";
    expect(await interrupted(session, code)).toMatchObject({
      error: { type: "cancelled" },
      state: "lost",
    });
    expect((await session.run("x")).error?.class).toBe("NameError");
  });
});

describe("a hostile cell", () => {
  test.each<[string, string, string, string]>([
    [
      "python",
      "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
      "timeout",
      "lost",
    ],
    ["python", "while True: pass", "timeout", "kept"],
    ["python", "import sys; sys.exit(3)", "exit", "kept"],
    ["python", "import os; os._exit(3)", "exit", "lost"],
    ["python", "def f(): f()\nf()", "stack_overflow", "kept"],
    ["python", "x = []\nwhile True: x.append(bytearray(2 ** 20))", "out_of_memory", "kept"],
    ["python", "print('x' * 5_000_000)", "", "kept"],
    ["python", "import builtins; del builtins.len, builtins.repr; 1", "", "kept"],
    ["python", "import sys; sys.stdout.close()", "", "kept"],
    ["javascript", "try { while (true) {} } finally { while (true) {} }", "timeout", "kept"],
    ["javascript", "while (true) console.log('x'.repeat(1000))", "timeout", "kept"],
    ["javascript", "process.exit(3)", "exit", "kept"],
    ["javascript", "function f() { f() } f()", "stack_overflow", "kept"],
    ["javascript", "globalThis.JSON = Promise = Array = undefined; 1", "", "kept"],
    ["javascript", "await new Promise(() => setTimeout(() => 0, 1e6))", "timeout", "kept"],
  ])("in %s: %s", async (language, code, type, state) => {
    const session = await opened(language, { timeout: "500ms", maxOutput: "1MB", ram: "64MB" });
    const bystander = await opened(language);
    await bystander.run("x = 7");
    const result = await session.run(code);
    expect([result.error?.type ?? "", result.state]).toEqual([type, state]);
    expect(result.stdout.length).toBeLessThanOrEqual(2 ** 20);
    expect((await session.run("2")).text).toBe("2");
    expect(await evaluated(bystander, "x")).toBe(7);
  });

  test("gets its own limits", async () => {
    const session = await opened("python", { ceiling: { timeout: "1s" } });
    expect((await session.run("while True: pass", { timeout: "50ms" })).error?.type).toBe(
      "timeout",
    );
    const starved = await session.run("while True: pass", { compute: 1_000_000 });
    expect(starved.error?.type).toBe("out_of_fuel");
    const { limits } = (await session.run("1", { timeout: "1h" })).execution;
    expect(limits).toMatchObject({ timeout_ms: 1000, lowered: ["timeout"] });
  });
});

describe("files", () => {
  test("go in and come out", async () => {
    const session = await opened();
    await session.putFile("a/b.txt", "täxt");
    await session.putFile("c", new Uint8Array([9, 0, 255, 9]).subarray(1, 3));
    expect(await evaluated(session, "open('a/b.txt').read()")).toBe("täxt");
    expect(await session.getFile("c")).toEqual(Buffer.from([0, 255]));
    expect(await session.listFiles()).toEqual([
      { path: "a", size: 0, folder: true },
      { path: "c", size: 2, folder: false },
    ]);
    expect(await session.listFiles("a")).toEqual([{ path: "a/b.txt", size: 5, folder: false }]);
  });

  test.each(["../x", "/etc/passwd", "a/../../x", "a\0b", "", ".", "x".repeat(300), "link/x"])(
    "of the name %j are refused",
    async (path) => {
      const session = await opened();
      await session.run("import os\nos.mkdir('real')\nos.symlink('real', 'link')");
      await expect(session.putFile(path, "")).rejects.toThrow(OptionError);
      await expect(session.getFile(path)).rejects.toThrow(OptionError);
      expect(await evaluated(session, "'fine'")).toBe("fine");
    },
  );

  test("that are not there are told", async () => {
    const session = await opened();
    await expect(session.getFile("missing")).rejects.toThrow(/does not exist/);
    await expect(session.listFiles("missing")).rejects.toThrow(OptionError);
  });

  test("count against the session's disk", async () => {
    const session = await opened("python", { maxDisk: "1MB" });
    await expect(session.putFile("big", Buffer.alloc(2 ** 21))).rejects.toThrow(OptionError);
  });
});

describe("a session with an id", () => {
  test("comes back after its sidecar was killed", async () => {
    const cwd = temporaryFolder();
    await alone(async (client) => {
      const first = await Session.open("javascript", { client, cwd, id: "notes" });
      expect(first.restored).toBe(0);
      await first.run("let x: number[] = [1]");
      await first.putFile("in.txt", "abc");
      expect(await evaluated(first, "x.push(2); x")).toEqual([1, 2]);
      process.kill(await sidecarPid(client), "SIGKILL");
      await expect(first.run("x")).rejects.toThrow(SidecarLost);
      const second = await Session.open("javascript", { client, cwd, id: "notes" });
      expect(second.restored).toBe(2);
      expect(await evaluated(second, "x")).toEqual([1, 2]);
      expect(String(await second.getFile("in.txt"))).toBe("abc");
      const again = Session.open("javascript", { client, cwd, id: "notes" });
      await expect(again).rejects.toThrow(WorkflowBusy);
      expect((await second.fork()).restored).toBeNull();
    });
  });

  test("says at once that it cannot come back, and why", async () => {
    const options = { cwd: temporaryFolder(), id: "notes", tools: [double] };
    const first = await Session.open("python", options);
    const { stderr, value } = await first.run("double(2)");
    expect([value, stderr]).toEqual([
      4,
      expect.stringMatching(/cannot come back any more: cell 1 has used tools/),
    ]);
    await first.close();
    await expect(Session.open("python", options)).rejects.toThrow(
      /the session "notes" cannot come back: cell 1 has used tools.*capsule rm session:notes/,
    );
  });
});

test("the sandbox knows all names of the package", async () => {
  const { value } = await runJavaScript('Object.keys(await import("@capsule/sdk"))');
  expect(value).toEqual(expect.arrayContaining(Object.keys(capsule)));
});
