/** Tasks in JavaScript, in real sandboxes: values, errors, output, options, tools. */

import { AsyncLocalStorage } from "node:async_hooks";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import * as capsule from "../src/index.js";
import { eventually, temporaryFolder } from "./helpers.js";
import * as basics from "./programs/basics.js";
import * as tools from "./programs/host_tools.js";
import { bundled } from "./programs/packages.js";

afterAll(capsule.close);

const SOURCE = readFileSync(fileURLToPath(new URL("programs/basics.ts", import.meta.url)), "utf8");

/** The line of the source with this text, from 1. */
function lineOf(text: string): number {
  return SOURCE.split("\n").findIndex((line) => line.includes(text)) + 1;
}

describe("values", () => {
  test.each([
    null,
    true,
    0,
    -1.5,
    2n ** 70n,
    "",
    "é\0\n\r\u2028🙂\x7f\\\"'",
    [],
    {},
    { "": [[], {}, null] },
    { error: null, ok: 1, id: 7 },
    [1e300, 1e-300, 0.1],
  ])("survive the journey: %s", async (value) => {
    expect(await basics.identity(value)).toStrictEqual(value);
  });

  test("have the same forms outside and inside", async () => {
    const values = {
      when: new Date(0),
      bytes: new Uint8Array([1, 2]),
      set: new Set([1]),
      map: new Map([["a", 1n]]),
    };
    expect(await basics.identity(values)).toEqual({
      when: "1970-01-01T00:00:00.000Z",
      bytes: "AQI=",
      set: [1],
      map: { a: 1 },
    });
    expect(await basics.identity(undefined)).toBeNull();
    expect(await basics.failStrangely()).toEqual({
      error: { type: "timeout", message: "not really" },
      success: false,
    });
  });

  test("may be large", async () => {
    const text = "é".repeat(2_000_000);
    expect((await basics.identity(text)) === text).toBe(true);
    expect((await basics.large(10_000_000)).length).toBe(10_000_000);
  });

  test("that are left out take the task's defaults", async () => {
    expect(await basics.add(2)).toBe(2);
    expect(await basics.add(2, undefined)).toBe(2);
    expect(await basics.add(2, 3)).toBe(5);
  });
});

test("tasks may be async, import modules of the program and npm packages", async () => {
  expect(await basics.asynchronous("abc")).toBe("ABC");
  expect(await basics.imported()).toBe("hello from a sibling module, sandbox");
  expect(await bundled({ n: 5 })).toBe(5);
  expect(await bundled({ n: "5" })).toBe("refused");
});

test("the package has the same names inside", async () => {
  expect(await basics.names()).toEqual(Object.keys(capsule).sort());
});

test("nested calls and map", async () => {
  expect(await basics.fanOut(20)).toEqual([210, Array.from({ length: 20 }, (_, n) => n)]);
  expect(await basics.add.map([1, 2, 3])).toEqual([1, 2, 3]);
  await expect(basics.fail.map(["x"])).rejects.toThrow("no x");
});

test("a thousand at once", async () => {
  const numbers = Array.from({ length: 1000 }, (_, number) => number);
  expect(await Promise.all(numbers.map((number) => basics.add(number, 1)))).toEqual(
    numbers.map((n) => n + 1),
  );
});

describe("failures", () => {
  test("show the frames of the task, in its own source", async () => {
    let error: unknown;
    try {
      await basics.fail("answer");
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(capsule.TaskError);
    const { type, className, message, task, traceback, stack } = error as capsule.TaskError;
    expect((error as Error).constructor).toBe(capsule.TaskError);
    expect([type, className, message, task]).toEqual([
      "task_error",
      "RangeError",
      "no answer",
      "fail",
    ]);
    expect(traceback).toContain(`basics.ts:${lineOf("throw new RangeError")}`);
    expect(traceback).not.toContain("capsule");
    expect(stack).toMatch(/^TaskError: fail: RangeError: no answer\n\nInside the sandbox:\n/);
    expect(stack).toMatch(/\n {4}at .*tasks\.test\.ts:\d+/);
  });

  test("of nested tasks name them", async () => {
    const error = await basics.nestedFailure().catch((error: unknown) => error);
    expect((error as capsule.TaskError).task).toBe("nestedFailure");
    expect((error as Error).stack).toContain("no inner");
    expect(await basics.catches()).toEqual([
      true,
      "TaskError",
      "task_error",
      "RangeError",
      "no inner",
      "fail",
    ]);
  });

  test.each([
    [basics.sleepTooLong, capsule.TaskTimeout],
    [basics.impatient, capsule.TaskTimeout],
    [basics.spin, capsule.OutOfFuel],
    [basics.hoard, capsule.OutOfMemory],
    [basics.recurse, capsule.StackOverflow],
    [basics.leave, capsule.TaskExit],
    [basics.notJson, capsule.InvalidResult],
  ])("each have their class: %o", async (call, expected) => {
    const error = await (call as () => Promise<unknown>)().catch((error: unknown) => error);
    expect((error as Error).constructor).toBe(expected);
    expect((error as capsule.TaskError).envelope.success).toBe(false);
    expect(await basics.add(1), "the next task is not affected").toBe(1);
  });

  test("of arguments name their place", async () => {
    await expect(basics.identity({ when: Symbol("x") })).rejects.toThrow(capsule.InvalidArguments);
    const envelope = await basics.identity.envelope({ when: Symbol("x") });
    expect(envelope.error?.message).toMatch(/^args\[0\]\.when has type symbol/);
    expect(envelope.execution.task_name).toBe("identity");
  });
});

test("the envelope has the whole outcome", async () => {
  const envelope = await basics.add.envelope(2, 3);
  expect(envelope).toMatchObject({
    success: true,
    result: 5,
    error: null,
    execution: { task_name: "add", retries: 0, host_requests: [], limits: { lowered: [] } },
  });
  expect(envelope.execution.fuel_consumed).toBeGreaterThan(0);
});

test("output is forwarded and complete", async () => {
  const shown = { stdout: "", stderr: "" };
  const speak = basics.speakNested.using({
    onOutput: ({ stream, text }) => (shown[stream] += text),
  });
  await speak("ünïcödé\n");
  expect(shown).toEqual({ stdout: "before\nünïcödé\nafter\n", stderr: "to stderr\n" });
  shown.stdout = "";
  const text = "0123456789abcde\n".repeat(500_000);
  await speak(text);
  expect(shown.stdout === `before\n${text}after\n`).toBe(true);
});

describe("grants", () => {
  test("of files", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "in"));
    mkdirSync(join(folder, "out"));
    writeFileSync(join(folder, "in/a"), "text");
    const copy = basics.copy.using({ mounts: [`${folder}/in::/in:ro`, `${folder}/out::/out`] });
    await copy("/in/a", "/out/b");
    expect(readFileSync(join(folder, "out/b"), "utf8")).toBe("TEXT");
    await expect(copy("/in/a", "/in/b")).rejects.toThrow(capsule.TaskError);
    await expect(basics.copy("/in/a", "/out/b")).rejects.toThrow("ENOENT");
  });

  test("of the environment", async () => {
    vi.stubEnv("CAPSULE_TEST_GIVEN", "given");
    vi.stubEnv("CAPSULE_TEST_SECRET", "secret");
    expect(await basics.environment()).toEqual({ CAPSULE_TEST_GIVEN: "given" });
    vi.unstubAllEnvs();
  });
});

test("a signal stops the task", async () => {
  const abort = new AbortController();
  const sleep = basics.sleep.using({ signal: abort.signal, onOutput: () => abort.abort() });
  await expect(sleep()).rejects.toThrow("aborted");
  expect(await basics.add(1)).toBe(1);
});

describe("tools", () => {
  beforeEach(() => {
    tools.events.length = 0;
  });

  test("run in this process, in the context of who called the task", async () => {
    const told = { text: "abab", pid: process.pid, tag: "mine" };
    const tag = new AsyncLocalStorage<string>();
    tools.outside.tag = tag;
    expect(await tag.run("mine", () => tools.uses("ab"))).toEqual(told);
    expect(await tools.byName("ab")).toEqual({ ...told, text: "ab", tag: "none" });
    expect(await tools.many(500)).toBe(500);
  });

  test("tell what went wrong", async () => {
    expect(await tools.fails("throw")).toEqual([
      true,
      "ToolError",
      "task_error",
      "RangeError",
      "no such thing",
    ]);
    const [isTaskError, name, type, , message] = (await tools.fails("arguments")) as string[];
    expect([isTaskError, name, type]).toEqual([true, "InvalidArguments", "invalid_arguments"]);
    expect(message).toMatch(/^describe\(\): args\[0\]: /);
    const error = await tools.failsUncaught().catch((error: unknown) => error);
    expect(error).toMatchObject({ type: "task_error", className: "ToolError" });
    expect((error as Error).stack).not.toMatch(/host_tools\.ts:2/);
  });

  test("end with their task", async () => {
    await expect(tools.waits()).rejects.toThrow(capsule.TaskTimeout);
    await eventually(() => tools.events.join() === "begun,stopped", "the tool was told");
  });

  test("that a task was not given are not called", async () => {
    expect(await tools.forges()).toBe("PolicyDenied");
    expect(tools.events).toEqual([]);
  });
});

test("a wrong option in the source names its line", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "wrong.ts");
  writeFileSync(
    file,
    'import { task } from "@capsule/sdk";\n\nexport const t = task({ name: "t", ram: "abc" }, () => 1);\n',
  );
  const failed = capsule.run({ file });
  await expect(failed).rejects.toThrow(capsule.OptionError);
  await expect(failed).rejects.toMatchObject({
    value: "abc",
    where: expect.stringMatching(/wrong\.ts:3/),
  });
});
