/**
 * How finished steps come by again without a request: with a scripted peer in the sidecar's place.
 * That nothing else follows from it than from requests is tested with the real one.
 */

import { expect, test } from "vitest";
import { OptionError, StepError, step, workflow } from "../src/index.js";
import { stepKey, taskKey } from "../src/stepkeys.js";
import { eventually, Fake } from "./helpers.js";
import * as scripted from "./programs/scripted.js";

const of = (fake: Fake, task: typeof scripted.echo) => task.using({ client: fake.client });
const keyOf = (task: string, ...args: unknown[]) =>
  taskKey("scripted", task, JSON.stringify(args), "{}", 0);
const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

function envelope(task: string, result: unknown): object {
  const error = result === undefined ? failure : null;
  const execution = {
    ...{ task_name: task, duration_ms: 1, retries: 0, fuel_consumed: 1, host_requests: [] },
    ...{ run_id: "r", trace_id: "t", step_id: `wf/${task}`, replayed: true },
  };
  return { success: error === null, result: result ?? null, error, execution };
}

const failure = { type: "task_error", message: "no", class: "RangeError", traceback: null };

const echoes = (count: number): Record<string, object> =>
  Object.fromEntries(
    numbers(count).map((n) => [keyOf("echo", n), envelope("echo", `before ${n}`)]),
  );

const told = (fake: Fake): string[] =>
  fake.sent("workflow/replayed").flatMap(({ steps }) => steps as string[]);

test("what was handed over is not asked for", async () => {
  const fake = new Fake();
  const echo = of(fake, scripted.echo);
  const own = stepKey("step", "own", "[]", 0);
  const failed = stepKey("step", "failed", "[1]", 0);
  const drawn = stepKey("value", "random", "null", 0);
  const done = { step: own, done: true, success: true, result: ["kept"], error: null };
  const replies = {
    ...echoes(250),
    [keyOf("echo", "fails")]: envelope("echo", undefined),
    [own]: done,
    [failed]: { ...done, step: failed, success: false, result: null, error: failure },
    [drawn]: { result: 0.25 },
  };
  fake.handOver(replies, "wf/echo-[0]-0");
  await workflow(
    "wf",
    async (wf) => {
      const found = await Promise.all(numbers(250).map((n) => echo(n)));
      expect(found).toEqual([
        [0],
        ...numbers(250)
          .slice(1)
          .map((n) => `before ${n}`),
      ]);
      await expect(echo("fails")).rejects.toThrow("no");
      expect(await step("own", () => expect.unreachable())).toEqual(["kept"]);
      const again = step("failed", (_: number) => expect.unreachable(), 1);
      await expect(again).rejects.toThrow(StepError);
      await expect(again).rejects.toMatchObject({ stepId: `wf/${failed}` });
      expect(await wf.random()).toBe(0.25);
      expect(await echo(250)).toEqual([250]);
      expect(await echo(1), "it is another one of the same").toEqual([1]);
    },
    { client: fake.client },
  );
  expect(fake.count("replaySteps")).toBe(2);
  expect(["runTask", "beginStep", "recordStep"].map((each) => fake.count(each))).toEqual([3, 0, 0]);
  const expected = Object.keys(replies).filter((key) => key !== keyOf("echo", 0));
  expect(told(fake).sort()).toEqual(expected.sort());
  const lines = fake.lines();
  const asked = lines.flatMap((line, at) => (line === "runTask" ? [at] : []));
  const last = lines.lastIndexOf("workflow/replayed");
  expect(asked[0]).toBeLessThan(last);
  expect(last, "they have come by before anything new is asked for").toBeLessThan(asked[1] ?? 0);
});

test("who waits for steps learns at once that they came by", async () => {
  const fake = new Fake();
  const own = stepKey("step", "own", "[]", 0);
  const reply = { step: own, done: true, success: true, result: 1, error: null };
  fake.handOver({ ...echoes(9), [own]: reply });
  const controller = new AbortController();
  const running = workflow(
    "wf",
    async () => {
      const hanging = of(fake, scripted.hang)();
      await eventually(() => fake.count("hanging") === 1, "it is asked for");
      expect(await step("own", () => expect.unreachable())).toBe(1);
      await eventually(() => told(fake).length === 1, "it is told");
      controller.abort(new Error("enough"));
      await hanging;
    },
    { client: fake.client, signal: controller.signal },
  );
  await expect(running).rejects.toThrow("enough");
  expect(told(fake)).toEqual([own]);
});

test("a call that is refused today has no outcome of yesterday", async () => {
  const fake = new Fake();
  const option = of(fake, scripted.option);
  fake.handOver(
    Object.fromEntries(numbers(9).map((n) => [keyOf("option", n), envelope("option", 1)])),
  );
  await workflow(
    "wf",
    async () => {
      for (const n of [0, 1]) {
        await expect(option(n)).rejects.toThrow(OptionError);
      }
    },
    { client: fake.client },
  );
  expect(fake.count("runTask")).toBe(2);
  expect(told(fake)).toEqual([]);
});

test("calls with other options are of another sort", async () => {
  const fake = new Fake();
  const echo = of(fake, scripted.echo);
  const quick = echo.using({ timeout: "1s", client: fake.client });
  fake.handOver(echoes(9), "wf/echo-[0]-0", "wf/echo-[1]-0");
  const main = async () => [await echo(0), await quick(1), await echo(2), await quick(3)];
  const found = await workflow("wf", main, { client: fake.client });
  expect(found).toEqual([[0], [1], "before 2", "before 3"]);
  expect(fake.count("runTask")).toBe(2);
});

test("the next peer hands over anew and is told nothing twice", async () => {
  const fake = new Fake();
  const echo = of(fake, scripted.echo);
  fake.handOver(echoes(40), "wf/echo-[0]-0", "wf/echo-[20]-0");
  const found = await workflow(
    "wf",
    async () => {
      const first = await Promise.all(numbers(20).map((n) => echo(n)));
      expect(await of(fake, scripted.dieOnce)()).toBe("survived");
      return [...first, ...(await Promise.all(numbers(20).map((n) => echo(20 + n))))];
    },
    { client: fake.client },
  );
  expect(found).toEqual(numbers(40).map((n) => (n % 20 === 0 ? [n] : `before ${n}`)));
  expect(fake.pids()).toHaveLength(2);
  expect(fake.count("replaySteps")).toBe(4);
  expect(fake.count("runTask")).toBe(1 + 2 + 1);
  const expected = numbers(40).filter((n) => n % 20 !== 0);
  expect(told(fake).sort()).toEqual(expected.map((n) => keyOf("echo", n)).sort());
});

test("a few are asked for", async () => {
  const fake = new Fake();
  fake.handOver(echoes(7), "wf/echo-[1]-0");
  const main = () => of(fake, scripted.echo)(1);
  expect(await workflow("wf", main, { client: fake.client })).toEqual([1]);
  expect(fake.count("replaySteps")).toBe(0);
});
