/**
 * What a workflow sends, and how it behaves when its peer dies, refuses or revokes it: with a
 * scripted peer in the sidecar's place. What a journal is for is tested with the real one.
 */

import { describe, expect, onTestFinished, test } from "vitest";
import {
  context,
  JournalError,
  SidecarLost,
  StepError,
  step,
  WorkflowCancelled,
  WorkflowError,
  workflow,
} from "../src/index.js";
import { eventually, Fake } from "./helpers.js";
import * as scripted from "./programs/scripted.js";

const of = (fake: Fake, task: typeof scripted.echo) => task.using({ client: fake.client });

test("what is sent", async () => {
  const fake = new Fake();
  const { client } = fake;
  const result = await workflow(
    "wf",
    async (wf) => {
      expect([wf.id, wf.resumed]).toEqual(["wf", false]);
      expect(await of(fake, scripted.echo)(1)).toEqual([1]);
      expect(await step("add", () => [new Date(0), undefined])).toEqual([
        "1970-01-01T00:00:00.000Z",
        null,
      ]);
      return { a: new Date(0) };
    },
    { client, onChange: "continue", durability: "relaxed" },
  );
  expect(result).toEqual({ a: "1970-01-01T00:00:00.000Z" });
  const [opened] = fake.sent("openWorkflow");
  expect(opened).toEqual({
    id: "wf",
    // the test runner is the main module, and not whose workflow this is
    root: import.meta.dirname,
    file: import.meta.filename,
    folder: process.cwd(),
    command: expect.arrayContaining([process.execPath]),
    onChange: "continue",
    durability: "relaxed",
    replay: false,
  });
  expect(fake.sent("beginStep")).toEqual([
    { workflow: "w1", name: "add", args: [], occurrence: 0 },
  ]);
  expect(fake.sent("endStep")).toMatchObject([{ success: true }]);
  expect(fake.sent("closeWorkflow")).toEqual([
    { workflow: "w1", outcome: "finished", result: { a: "1970-01-01T00:00:00.000Z" } },
  ]);
  expect(await workflow("wf", () => expect.unreachable(), { client }), "it has finished").toEqual(
    result,
  );
});

test("after a killed peer it goes on in the next", async () => {
  const fake = new Fake();
  const [echo, dieOnce] = [of(fake, scripted.echo), of(fake, scripted.dieOnce)];
  const values = await workflow(
    "wf",
    async (wf) => {
      await echo(1);
      const drawn = await wf.random();
      const all = await Promise.all([
        dieOnce(),
        ...Array.from({ length: 20 }, (_, number) => echo(number)),
        step("slow", () => new Promise((resolve) => setTimeout(resolve, 50, "slept"))),
      ]);
      expect(await wf.random()).not.toBe(drawn);
      return all;
    },
    { client: fake.client },
  );
  const echoed = Array.from({ length: 20 }, (_, number) => [number]);
  expect(values).toEqual(["survived", ...echoed, "slept"]);
  expect(fake.pids()).toHaveLength(2);
  const [first, second] = fake.sent("openWorkflow");
  expect(second, "what it has had is not asked for again").toEqual({
    ...first,
    onChange: "continue",
  });
});

test("steps are numbered by what they are", async () => {
  const fake = new Fake();
  await workflow(
    "wf",
    async () => {
      const [one, same] = [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ];
      for (const value of [one, same, { a: 1, b: [3] }, "x".repeat(300)]) {
        await step("same", (_: unknown) => 0, value);
      }
      await step("other", (_: unknown) => 0, one);
    },
    { client: fake.client },
  );
  expect(fake.sent("beginStep").map((each) => each.occurrence)).toEqual([0, 1, 0, 0, 0]);
});

test("a peer that dies again and again", async () => {
  const fake = new Fake();
  const failed = workflow("wf", () => of(fake, scripted.die)(), { client: fake.client });
  await expect(failed).rejects.toThrow(SidecarLost);
  expect(fake.count("runTask")).toBe(3);
});

test("the end of a step is written by the next peer", async () => {
  const fake = new Fake("", onTestFinished, "FAKE_FORGET_END=1");
  let runs = 0;
  await workflow("wf", () => step("once", () => ++runs), { client: fake.client });
  expect(runs).toBe(1);
  expect(fake.count("endStep")).toBe(2);
});

test("an end whose reply is lost is an end", async () => {
  const fake = new Fake("", onTestFinished, "FAKE_DIE_AT_END=1");
  expect(await workflow("wf", () => 1, { client: fake.client })).toBe(1);
  expect(fake.sent("openWorkflow")).toHaveLength(2);
  expect(fake.sent("closeWorkflow")).toHaveLength(1);
});

describe("a revoked workflow is stopped", () => {
  test.each([
    ["cancelled", WorkflowCancelled, ["cancelled"]],
    ["lost", JournalError, []],
  ] as const)("%s", async (reason, error, outcomes) => {
    const fake = new Fake();
    const [revoke, echo] = [of(fake, scripted.revoke), of(fake, scripted.echo)];
    let aborted = false;
    const failed = workflow(
      "wf",
      async (wf) => {
        wf.signal.addEventListener("abort", () => {
          aborted = true;
        });
        await expect(revoke(reason)).rejects.toThrow(error);
        await expect(step("no", () => expect.unreachable())).rejects.toThrow(error);
        await echo(1); // nothing more is run
      },
      { client: fake.client },
    );
    await expect(failed).rejects.toThrow(`it was ${reason}`);
    await expect(failed).rejects.toThrow(error);
    expect(aborted).toBe(true);
    expect(fake.count("runTask")).toBe(1);
    expect(fake.sent("closeWorkflow").map((each) => each.outcome)).toEqual(outcomes);
  });
});

test("its own signal leaves it to be gone on with", async () => {
  const fake = new Fake();
  const controller = new AbortController();
  const hang = of(fake, scripted.hang);
  const failed = workflow(
    "wf",
    () =>
      Promise.all([
        hang(),
        step(
          "waits",
          () =>
            new Promise((_, reject) => {
              controller.signal.addEventListener("abort", () => reject(new Error("stopped")));
            }),
        ),
      ]),
    { client: fake.client, signal: controller.signal },
  );
  const outcome = expect(failed).rejects.toThrow("enough");
  await eventually(() => fake.count("hanging") === 1, "the call is in flight");
  controller.abort(new Error("enough"));
  await outcome;
  await eventually(() => fake.count("closeWorkflow") === 1, "it is closed");
  expect(fake.sent("closeWorkflow")).toEqual([{ workflow: "w1", outcome: "released" }]);
  expect(fake.sent("endStep"), "what was stopped has not failed").toEqual([]);
});

describe("a failure", () => {
  const fail = (): never => {
    throw new RangeError("no such thing");
  };

  test("names the steps whose failure it is", async () => {
    const fake = new Fake();
    const failed = workflow(
      "wf",
      async () => {
        await expect(step("caught", fail)).rejects.toThrow(StepError);
        const both = await Promise.allSettled([step("a", fail), step("b", fail)]);
        const errors = both.map((each) => (each.status === "rejected" ? each.reason : null));
        throw new Error("all is lost", { cause: new AggregateError(errors) });
      },
      { client: fake.client },
    );
    await expect(failed).rejects.toThrow("all is lost");
    const [closed] = fake.sent("closeWorkflow");
    expect(closed?.outcome).toBe("failed");
    expect(closed?.failedSteps).toEqual(["wf/b-[]-0", "wf/a-[]-0"]);
    expect(closed?.error).toMatchObject({
      type: "task_error",
      class: "Error",
      message: "all is lost",
    });
    const told = JSON.stringify(closed);
    expect(told).toContain("workflow-peer.test.ts");
    expect(told).not.toContain("/src/workflow.ts");
  });

  test("without a cause leaves it to the sidecar to find the steps", async () => {
    const fake = new Fake();
    const failed = workflow(
      "wf",
      () => step("a", fail).catch(() => Promise.reject(new Error("all is lost"))),
      { client: fake.client },
    );
    await expect(failed).rejects.toThrow("all is lost");
    expect(fake.sent("closeWorkflow")).toMatchObject([{ failedSteps: null }]);
  });

  test("of a step tells what was thrown", async () => {
    const fake = new Fake();
    const failed = workflow("wf", () => step("a", fail), { client: fake.client });
    await expect(failed).rejects.toMatchObject({
      name: "StepError",
      message: 'the step "a": RangeError: no such thing',
      step: "a",
      className: "RangeError",
      stepId: "wf/a-[]-0",
      cause: expect.any(RangeError),
    });
  });
});

test("where a workflow and a step cannot be", async () => {
  const fake = new Fake();
  const { client } = fake;
  await expect(step("a", () => 1)).rejects.toThrow("there is no workflow here");
  expect(context().workflowId).toBeNull();
  let late: (() => Promise<unknown>) | undefined;
  await workflow(
    "wf",
    async () => {
      expect(context()).toMatchObject({ workflowId: "wf", stepId: null });
      await expect(workflow("inner", () => 1)).rejects.toThrow('inside of the workflow "wf"');
      await step("outer", async () => {
        expect(context()).toMatchObject({ workflowId: "wf", stepId: "wf/outer-[]-0" });
        await expect(step("inner", () => 1)).rejects.toThrow("in another step");
      });
      await expect(step("a", (_: unknown) => 1, Symbol("s"))).rejects.toThrow(
        /an argument of the step "a": args\[0\] has type symbol.*; what is not JSON goes into/,
      );
      await expect(step("b", () => ({ x: 1n << 80n, f: () => 1 }))).rejects.toThrow(
        /the result of the step "b": result\.f has type function/,
      );
      await expect(step("c", 1 as never)).rejects.toThrow("pass the function itself");
      await expect(scripted.echo(1)).rejects.toThrow("has another client");
      const { AsyncResource } = await import("node:async_hooks");
      late = AsyncResource.bind(() => step("late", () => 1));
    },
    { client },
  );
  await expect(late?.()).rejects.toThrow(/the workflow "wf" has ended/);
  await expect(workflow("wf", 1 as never)).rejects.toThrow(TypeError);
  expect(WorkflowError.prototype).toBeInstanceOf(Error);
});
