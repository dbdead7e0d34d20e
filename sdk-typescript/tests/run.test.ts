/** `run()`: a task of a file, with mounts and options, in real sandboxes. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  close,
  OptionError,
  type OutputEvent,
  type RunOptions,
  run,
  SidecarLost,
  tool,
  toolContext,
} from "../src/index.js";
import { eventually, isRunning, temporaryFolder } from "./helpers.js";

const ECHO = `
from capsule import task

@task
def main(*args, **kwargs):
    return [list(args), kwargs]

@task
def other():
    return "the other"
`;

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

afterAll(close);

function write(source: string, name = "program.py"): string {
  const file = join(folder, name);
  writeFileSync(file, source);
  return file;
}

/** The result of a run that is to succeed. */
async function resultOf(options: RunOptions): Promise<unknown> {
  const envelope = await run(options);
  expect(envelope.error).toBeNull();
  return envelope.result;
}

test("the entry task with arguments", async () => {
  const file = write(ECHO);
  const envelope = await run({ file, args: ["a", 1], kwargs: { k: null } });
  expect(envelope).toMatchObject({
    success: true,
    result: [["a", 1], { k: null }],
    error: null,
    execution: { task_name: "main", retries: 0, host_requests: [] },
  });
  expect(envelope.execution.fuel_consumed).toBeGreaterThan(0);
  expect(envelope.execution.ram_used).toBeGreaterThan(1_000_000);
  expect(envelope.execution.limits?.lowered).toEqual([]);
});

test("a relative file, a URL and another task", async () => {
  const file = write(ECHO);
  expect(await resultOf({ file: "./program.py", cwd: folder })).toEqual([[], {}]);
  expect(await resultOf({ file: pathToFileURL(file), task: "other" })).toBe("the other");
  expect(await resultOf({ file: pathToFileURL(file).href, task: "other" })).toBe("the other");
});

test("values survive the journey", async () => {
  const file = write("def main(value):\n    return value\n");
  for (const value of [
    null,
    0.1 + 0.2,
    2n ** 70n,
    -(2n ** 53n),
    Number.MAX_SAFE_INTEGER,
    "é\0\n\r\u2028🙂\x7f\\\"'",
    { "": [[], {}, null], __proto__: { a: 1 } },
    { error: { type: "timeout", message: "not really" }, success: false },
    "é".repeat(2_000_000),
  ]) {
    expect(await resultOf({ file, args: [value] })).toStrictEqual(value);
  }
  const made = write("def main(n):\n    return 'é' * n\n", "large.py");
  expect(((await resultOf({ file: made, args: [10_000_000] })) as string).length).toBe(10_000_000);
});

test("an edited file runs as it is now", async () => {
  for (let number = 0; number < 3; number++) {
    const file = write(`def main():\n    return ${number}\n`);
    expect(await resultOf({ file })).toBe(number);
  }
});

test("mounts", async () => {
  const file = write(`
from pathlib import Path

def main(source, target):
    text = Path(source).read_text()
    Path(target).write_text(text.upper())
`);
  mkdirSync(join(folder, "in"));
  mkdirSync(join(folder, "out"));
  writeFileSync(join(folder, "in/a.txt"), "text");
  for (const [mounts, args] of [
    [
      ["./in:ro", "./out"],
      ["/in/a.txt", "/out/1"],
    ],
    [
      ["in::/data/source:ro", "out::/data/target:rw"],
      ["/data/source/a.txt", "/data/target/2"],
    ],
    [
      [{ path: "in", mode: "ro" }, `${folder}/out::/out`],
      ["/in/a.txt", "out/3"],
    ],
  ] satisfies [RunOptions["mounts"], string[]][]) {
    await resultOf({ file, cwd: folder, mounts, args });
  }
  for (const name of ["1", "2", "3"]) {
    expect(readFileSync(join(folder, "out", name), "utf8")).toBe("TEXT");
  }
  const denied = await run({
    file,
    cwd: folder,
    mounts: ["./in:ro"],
    args: ["/in/a.txt", "/in/b"],
  });
  expect(denied.error?.class).toBe("PermissionError");
});

describe("options", () => {
  const SPIN =
    'from capsule import task\n\n@task(timeout="60s", compute="HIGH")\ndef main():\n    while True:\n        pass\n';

  test("of the caller win", async () => {
    const file = write(SPIN);
    expect((await run({ file, timeout: "200ms" })).error?.type).toBe("timeout");
    expect((await run({ file, compute: 5_000_000 })).error?.type).toBe("out_of_fuel");
  });

  test("are lowered by a ceiling", async () => {
    const file = write(SPIN);
    const { execution } = await run({ file, ceiling: { timeout: 0.2, network: false } });
    expect(execution.limits).toMatchObject({ timeout_ms: 200, lowered: ["timeout"] });
  });

  test.each<[string, unknown]>([
    ["ram", "abc"],
    ["timeout", "-1"],
    ["compute", "HUGE"],
    ["maxRetries", -1],
    ["noSuchOption", 1],
    ["mounts", ["./missing"]],
  ])("that are wrong are refused: %s", async (option, value) => {
    const file = write(ECHO);
    const failed = await run({ file, [option]: value }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(OptionError);
    const { field, allowed, where } = failed as OptionError;
    expect(field).toContain(option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
    expect(allowed).toBeTruthy();
    expect(where).toBeNull();
  });

  test("that are wrong in the source name their line", async () => {
    const file = write('from capsule import task\n\n@task(ram="abc")\ndef main():\n    pass\n');
    const failed = run({ file });
    await expect(failed).rejects.toThrow(OptionError);
    await expect(failed).rejects.toMatchObject({
      value: "abc",
      where: /program\.py:[34]$/ as never,
    });
  });
});

test("what is wrong with the source is in the envelope", async () => {
  const failed = await run({ file: write("def main(:\n    pass\n") });
  expect(failed).toMatchObject({
    success: false,
    error: { type: "source_error", class: "SyntaxError" },
  });
  expect(failed.error?.message).toContain("program.py");
  const unknown = await run({ file: write(ECHO), task: "othr" });
  expect(unknown.error?.type).toBe("task_not_found");
  expect(unknown.error?.message).toContain("other");
});

test("what is no argument is in the envelope, with its place", async () => {
  const failed = await run({ file: write(ECHO), args: [{ when: Symbol("x") }] });
  expect(failed.error).toMatchObject({
    type: "invalid_arguments",
    message: "args[0].when has type symbol, which has no JSON form; only data can be passed",
  });
});

test("misuse is told at once", async () => {
  const file = write(ECHO);
  await expect(run({ file: join(folder, "missing.py") })).rejects.toThrow(
    /no such file: .*missing\.py/,
  );
  await expect(run({ file: folder })).rejects.toThrow("no such file");
  await expect(run({ file, args: "one" as never })).rejects.toThrow("args is an array");
  await expect(run({ file: write("", "x.rb") })).rejects.toThrow(
    /its ending does not tell.*\.ts.*\.py/,
  );
});

describe("output", () => {
  const TALK = `
import sys
from capsule import task

@task
def inner():
    print("inner")

@task
def main(text):
    print("outer")
    inner()
    sys.stderr.write(text)
    return "done"
`;

  test("goes to the host's streams", async () => {
    const file = write(TALK);
    const shown = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      vi.spyOn(process[stream], "write").mockImplementation((text) => {
        shown[stream] += text;
        return true;
      });
    }
    await resultOf({ file, task: "main", args: ["ünïcödé"] });
    vi.restoreAllMocks();
    expect(shown).toEqual({ stdout: "outer\ninner\n", stderr: "ünïcödé" });
  });

  test("goes to who asked for it, that of nested tasks too", async () => {
    const file = write(TALK);
    const calls = ["a", "b"].map(async (text) => {
      const events: OutputEvent[] = [];
      await resultOf({ file, task: "main", args: [text], onOutput: (event) => events.push(event) });
      return events.map(({ stream, text, task }) => [stream, text, task]);
    });
    for (const [index, events] of (await Promise.all(calls)).entries()) {
      expect(events).toEqual([
        ["stdout", "outer\n", "main"],
        ["stdout", "inner\n", "inner"],
        ["stderr", ["a", "b"][index], "main"],
      ]);
    }
  });

  test("is whole, however much there is", async () => {
    const file = write("def main(n):\n    for i in range(n):\n        print('0123456789abcde')\n");
    let text = "";
    await resultOf({ file, args: [500_000], onOutput: (event) => (text += event.text) });
    expect(text).toBe("0123456789abcde\n".repeat(500_000));
  });

  test("that its taker cannot take stops the task", async () => {
    const file = write(
      "import time\n\ndef main():\n    print('x', flush=True)\n    time.sleep(60)\n",
    );
    const mine = new Error("mine");
    const onOutput = (): void => {
      throw mine;
    };
    await expect(run({ file, onOutput })).rejects.toBe(mine);
  });
});

describe("a signal", () => {
  const TICK = `
import time
from pathlib import Path

def main():
    while True:
        Path("/out/tick").write_text(str(time.time()))
        time.sleep(0.01)
`;

  test("stops the guest", async () => {
    const file = write(TICK);
    mkdirSync(join(folder, "out"));
    const tick = (): string =>
      readFileSync(join(folder, "out/tick"), { encoding: "utf8", flag: "a+" });
    const abort = new AbortController();
    const running = run({ file, cwd: folder, mounts: ["out"], signal: abort.signal });
    await eventually(() => tick() !== "", "the task runs");
    abort.abort();
    await expect(running).rejects.toThrow("aborted");
    let last = "";
    await eventually(() => {
      const before = last;
      last = tick();
      return before === last;
    }, "it does nothing any more");
  });

  test("that times out", async () => {
    const file = write("def main():\n    while True:\n        pass\n");
    const failed = run({ file, signal: AbortSignal.timeout(100) });
    await expect(failed).rejects.toMatchObject({ name: "TimeoutError" });
  });
});

test("a thousand at once", async () => {
  const file = write("def main(n):\n    return n\n");
  const numbers = Array.from({ length: 1000 }, (_, number) => number);
  expect(await Promise.all(numbers.map((n) => resultOf({ file, args: [n] })))).toEqual(numbers);
});

describe("tools", () => {
  const PROGRAM = `
import asyncio
from capsule import TaskError, TaskTimeout, task, tool

@tool
def search(query, limit=3):
    raise RuntimeError("the sandbox's own is never run")

@task(tools=[search], timeout="1s")
def main(query):
    return search(query)

@task(tools=[search])
def fails(query):
    try:
        return search(query)
    except TaskError as error:
        return [type(error).__name__, error.class_name, error.message]

@task(tools=[search])
async def many(count):
    return sum(await asyncio.gather(*(search.aio(n) for n in range(count))))

@task
def without(query):
    return search(query)
`;

  test("run in this process", async () => {
    const search = tool({ name: "search" }, (query: string) => [
      query,
      process.pid,
      toolContext()?.task,
    ]);
    const file = write(PROGRAM);
    expect(await resultOf({ file, task: "main", args: ["q"], tools: [search] })).toEqual([
      "q",
      process.pid,
      "main",
    ]);
    const denied = await run({ file, task: "without", args: ["q"] });
    expect(denied.error?.class).toBe("PolicyDenied");
  });

  test("tell what went wrong", async () => {
    const search = tool({ name: "search" }, async (query: string) => {
      await null;
      throw new RangeError(`no ${query}`);
    });
    const file = write(PROGRAM);
    expect(await resultOf({ file, task: "fails", args: ["q"], tools: [search] })).toEqual([
      "ToolError",
      "RangeError",
      "no q",
    ]);
  });

  test("run at once", async () => {
    let together = 0;
    let all = (): void => {};
    const met = new Promise<void>((resolve) => {
      all = resolve;
    });
    const search = tool({ name: "search" }, async (n: number) => {
      if (++together === 500) {
        all();
      }
      await met;
      return n;
    });
    expect(
      await resultOf({ file: write(PROGRAM), task: "many", args: [500], tools: [search] }),
    ).toBe(124750);
  });

  test("that hang end with their task, and are told", async () => {
    const events: string[] = [];
    const search = tool({ name: "search" }, async () => {
      events.push("begun");
      await new Promise<void>((resolve) => {
        toolContext()?.signal.addEventListener("abort", () => resolve());
      });
      events.push("stopped");
    });
    const file = write(PROGRAM);
    const late = await run({ file, task: "main", args: ["q"], tools: [search] });
    expect(late.error?.type).toBe("timeout");
    await eventually(() => events.join() === "begun,stopped", "the tool was told");
    const abort = new AbortController();
    const running = run({
      file,
      task: "main",
      args: ["q"],
      tools: [search],
      timeout: "60s",
      signal: abort.signal,
    });
    await eventually(() => events.length === 3, "the tool runs");
    abort.abort();
    await expect(running).rejects.toThrow("aborted");
    await eventually(() => events.length === 4, "the tool was told");
  });

  test("may run tasks that call tools, but not for ever", async () => {
    const file = write(PROGRAM);
    let depth = 0;
    const search = tool({ name: "search" }, async (bottom: number): Promise<unknown> => {
      if (++depth >= bottom) {
        return "bottom";
      }
      const { error, result } = await run({
        file,
        task: "main",
        args: [bottom],
        tools: [search],
        timeout: "60s",
      });
      return error?.message ?? result;
    });
    const options = { file, task: "main", tools: [search], timeout: "60s" };
    expect(await resultOf({ ...options, args: [3] })).toBe("bottom");
    depth = 0;
    expect(await resultOf({ ...options, args: [1000] })).toContain("more than 16 deep");
    expect(depth).toBe(16);
  });
});

test("kill -9 of the sidecar fails what is in flight, and the next call works", async () => {
  const slow = write(
    "import time\n\ndef main():\n    print('up', flush=True)\n    time.sleep(60)\n",
    "slow.py",
  );
  let up = (): void => {};
  const running = new Promise<void>((resolve) => {
    up = resolve;
  });
  const waiting = run({ file: slow, onOutput: () => up() });
  const lost = expect(waiting).rejects.toThrow(/process (\d+)\) is gone: killed by SIGKILL/);
  await running;
  const { defaultClient } = await import("../src/client.js");
  const { pid = 0 } = (await defaultClient.connection()).process;
  process.kill(pid, "SIGKILL");
  await lost;
  await expect(waiting).rejects.toThrow(SidecarLost);
  expect(isRunning(pid)).toBe(false);
  expect(await resultOf({ file: write(ECHO) })).toEqual([[], {}]);
});
