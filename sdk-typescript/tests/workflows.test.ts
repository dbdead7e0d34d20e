/** Workflows with the real sidecar and its journal: what runs again, and what does not. */

import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { defaultClient } from "../src/client.js";
import { Connection } from "../src/connection.js";
import {
  close,
  context,
  OptionError,
  ReplayMismatch,
  run,
  StepError,
  step,
  TaskError,
  type Workflow,
  WorkflowBusy,
  WorkflowCancelled,
  workflow,
} from "../src/index.js";
import { json } from "../src/wire.js";
import { CHECKOUT, eventually, isRunning, sidecarPid, temporaryFolder } from "./helpers.js";
import * as flows from "./programs/flows.js";

const data = mkdtempSync(join(tmpdir(), "capsule-sdk-"));
process.env.XDG_DATA_HOME = data; // before the sidecar starts
afterAll(async () => {
  await close();
  rmSync(data, { recursive: true, force: true });
});

let number = 0;
let id = "";

beforeEach(({ task }) => {
  id = `${task.name} ${++number}`;
  flows.calls.length = 0;
  flows.failing.clear();
  flows.gate.open = Promise.resolve();
});

/** Holds up the tool `wait` until the test says so, or ends. */
function holdUp(): () => void {
  let open = (): void => {};
  flows.gate.open = new Promise((resolve) => {
    open = resolve;
  });
  onTestFinished(open);
  return open;
}

/** A request that the SDK does not make, of the journal that these tests' workflows are in. */
async function request(method: string, params: object): Promise<unknown> {
  const connection = await defaultClient.connection();
  const text = JSON.stringify({ root: import.meta.dirname, ...params });
  return connection.request(method, text, json);
}

async function described(): Promise<{ state: string; steps: object; error: object | null }> {
  const found = await request("describeWorkflow", { id });
  return (found as { workflow: { state: string; steps: object; error: object | null } }).workflow;
}

test("finished steps are not repeated", async () => {
  const main = async (wf: Workflow, stops: boolean) => {
    const all = await Promise.all([
      flows.work("a"),
      step("b", () => flows.calls.push("b")),
      ...["c", "c"].map((name) => flows.work(name, 2)),
    ]);
    all.push(...(await flows.work.map(["d", "e"])));
    if (stops) {
      throw new Error("stop");
    }
    return [wf.resumed, ...all];
  };
  await expect(workflow(id, (wf) => main(wf, true))).rejects.toThrow("stop");
  expect((await described()).state).toBe("failed");
  const result = [true, "A", expect.any(Number), "CC", "CC", "D", "E"];
  expect(await workflow(id, (wf) => main(wf, false))).toEqual(result);
  expect(flows.calls.sort()).toEqual(["a", "b", "c", "c", "d", "e"]);
  expect(await workflow(id, () => expect.unreachable()), "it has finished").toEqual(result);
  expect(await described()).toMatchObject({ state: "finished", steps: { finished: 6 } });
});

test("every way to call a task makes a step", async () => {
  const file = join(import.meta.dirname, "programs/flows.ts");
  const main = async () => {
    const first = await flows.work.envelope("a");
    const second = await flows.where.using({ timeout: "20s" })();
    const third = await run({ file, task: "where" });
    return [first.execution.replayed, first.execution.step_id, second, third.result];
  };
  const once: unknown[] = [];
  for (const end of [() => Promise.reject(new Error("stop")), () => Promise.resolve()]) {
    await workflow(id, async () => {
      once.push(await main());
      await end();
    }).catch(() => {});
  }
  const [[before, ...first], [again, ...second]] = once as [unknown[], unknown[]];
  expect([before, again]).toEqual([false, true]);
  expect(second).toEqual(first);
  const [stepId, where] = first as [string, { stepId: string; workflowId: string }];
  expect(stepId.startsWith(`${id}/`)).toBe(true);
  expect(where).toMatchObject({ workflowId: id, attempt: 0, runId: expect.any(String) });
  expect(where.stepId.startsWith(`${id}/`)).toBe(true);
  expect((await flows.work.envelope("a")).execution.step_id).toBeNull();
});

test("a tool knows the step that calls it", async () => {
  await workflow(id, async () => {
    const [step, ofTool] = await flows.byTool();
    expect(ofTool).toBe(step);
    expect(step?.startsWith(`${id}/`)).toBe(true);
  });
  expect(await flows.byTool()).toEqual([null, null]);
});

test("failures that were handled are the same again", async () => {
  flows.failing.set("a", 1).set("b", 1);
  const seen: unknown[] = [];
  for (let round = 0; round < 2; round++) {
    const failed = workflow(id, async () => {
      const task = await flows.work("a").catch((error: unknown) => error);
      const own = await step("b", () => {
        flows.calls.push("b");
        throw new RangeError("no b");
      }).catch((error: unknown) => error);
      expect(task).toBeInstanceOf(TaskError);
      expect(own).toBeInstanceOf(StepError);
      const { message, className, cause } = own as StepError;
      seen.push([(task as TaskError).summary, message, className], cause !== undefined);
      await flows.work("c"); // so that it has not failed by one of the two
      throw new Error("stop");
    });
    await expect(failed).rejects.toThrow("stop");
  }
  expect(seen[2]).toEqual(seen[0]);
  expect([seen[1], seen[3]]).toEqual([true, false]);
  expect(flows.calls).toEqual(["a", "b", "c"]);
});

test("a failure that ended the workflow runs again", async () => {
  flows.failing.set("b", 1);
  const main = async () => [await flows.work("a"), await flows.work("b")];
  await expect(workflow(id, main)).rejects.toThrow("no b");
  expect(await described()).toMatchObject({ state: "failed", error: { type: "task_error" } });
  expect(await workflow(id, main)).toEqual(["A", "B"]);
  expect(flows.calls).toEqual(["a", "b", "b"]);
});

test("nested tasks that have succeeded are not repeated", async () => {
  flows.failing.set("o", 1).set("r", 2);
  const main = async () => [await flows.retried("r"), await flows.outer("o")];
  await expect(workflow(id, main)).rejects.toThrow("no o");
  expect(await workflow(id, main)).toEqual(["R.INNER", ["O.1", "O.2"]]);
  expect(flows.calls.sort()).toEqual(["o", "o", "o.1", "o.2", "r", "r", "r", "r.inner"]);
});

test("what tools and steps call is a part of the step", async () => {
  await workflow(id, async () => {
    expect(await flows.indirect("x")).toBe("X");
    expect(await step("y", () => flows.work("y"))).toBe("Y");
  });
  expect(await described()).toMatchObject({ steps: { finished: 2 } });
});

test("a changed program", async () => {
  const main = async (...names: string[]) => {
    for (const name of names) {
      await flows.work(name);
    }
    throw new Error("stop");
  };
  await expect(workflow(id, () => main("a", "b"))).rejects.toThrow("stop");
  const changed = workflow(id, () => main("a", "B"));
  await expect(changed).rejects.toThrow(ReplayMismatch);
  await expect(changed).rejects.toMatchObject({
    workflow: id,
    recorded: { kind: "task", name: "work", args: expect.stringContaining('"b"') },
    asked: { name: "work", args: expect.stringContaining('"B"') },
  });
  await expect(workflow(id, () => main("a", "B"), { onChange: "continue" })).rejects.toThrow(
    "stop",
  );
  expect(flows.calls).toEqual(["a", "b", "B"]);
  const restarted = workflow(id, () => main("c"), { onChange: "restart" });
  await expect(restarted).rejects.toThrow("stop");
  expect(flows.calls).toEqual(["a", "b", "B", "c"]);
});

test("clock and chance are the same again", async () => {
  const drawn: unknown[] = [];
  for (let round = 0; round < 2; round++) {
    const failed = workflow(id, async (wf) => {
      drawn.push([await wf.now(), await wf.random(), await wf.uuid(), await wf.random()]);
      throw new Error("stop");
    });
    await expect(failed).rejects.toThrow("stop");
  }
  const [first, second] = drawn as [[Date, number, string, number], unknown];
  expect(second).toEqual(first);
  expect(first[0]).toBeInstanceOf(Date);
  expect(first[1]).not.toBe(first[3]);
  expect(first[2]).toMatch(/^[0-9a-f-]{36}$/);
});

test("one run at a time", async () => {
  const open = holdUp();
  const first = workflow(id, () => flows.waiting("a"));
  await eventually(() => flows.calls.length === 1, "it runs");
  await expect(workflow(id, () => 1)).rejects.toThrow(WorkflowBusy);
  open();
  expect(await first).toBe("a");
});

test("one that is cancelled is stopped", async () => {
  const open = holdUp();
  const main = async (wf: Workflow) => {
    const aborted = new Promise((resolve) => wf.signal.addEventListener("abort", resolve));
    await Promise.race([flows.waiting("a"), aborted]);
    return flows.work("b");
  };
  const running = workflow(id, main);
  const outcome = expect(running).rejects.toThrow(WorkflowCancelled);
  await eventually(() => flows.calls.length === 1, "it runs");
  expect(await request("cancelWorkflow", { id })).toEqual({ state: "running" });
  await outcome;
  expect((await described()).state).toBe("cancelled");
  await expect(workflow(id, main)).rejects.toThrow(WorkflowCancelled);
  await request("resumeWorkflow", { id });
  open();
  expect(await workflow(id, main)).toBe("B");
  expect(flows.calls).toEqual(["a", "a", "b"]);
});

test("a killed sidecar is no interruption", async () => {
  const open = holdUp();
  const running = workflow(id, async (wf) => {
    const first = await flows.work("a");
    const drawn = await wf.random();
    const more = await Promise.all([
      flows.waiting("b"),
      flows.waiting("b"),
      step("c", async () => {
        flows.calls.push("c");
        await flows.gate.open;
        return "c";
      }),
    ]);
    expect(await wf.random()).not.toBe(drawn);
    return [first, ...more, await flows.work("a")];
  });
  await eventually(() => flows.calls.length === 4, "three steps run");
  const pid = await sidecarPid(defaultClient);
  process.kill(pid, "SIGKILL");
  await eventually(() => flows.calls.length === 6, "two run again");
  open();
  expect(await running).toEqual(["A", "b", "b", "c", "A"]);
  expect(isRunning(pid)).toBe(false);
  expect(flows.calls.sort()).toEqual(["a", "a", "b", "b", "b", "b", "c"]);
  expect(await described()).toMatchObject({
    state: "finished",
    steps: { finished: 7, failed: 0, started: 0 },
  });
});

test("parameters are checked", async () => {
  await expect(workflow("", () => 1)).rejects.toThrow(OptionError);
  await expect(workflow("x", () => 1, { onChange: "x" as never })).rejects.toThrow("onChange");
  expect(context()).toEqual({
    ...{ runId: null, attempt: null, traceId: null, workflowId: null, stepId: null },
  });
});

const PROGRAM = `
import { appendFileSync, existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { context, inSandbox, step, task, tool, workflow } from "@capsule/sdk";

const note = tool({ name: "note" }, (text) => appendFileSync("notes", text + "\\n"));
const wait = tool({ name: "wait" }, async (text) => {
  appendFileSync("notes", text + "\\n");
  while (!existsSync("go")) await setTimeout(10);
});
const work = task({ name: "work", tools: [note] }, async (name) => {
  await note(name);
  return name.toUpperCase();
});
const waiting = task({ name: "waiting", tools: [wait] }, async (name) => {
  await wait(name + " " + context().stepId);
  return name.toUpperCase();
});

if (!inSandbox) {
  const result = await workflow("job", async () => {
    const found = await Promise.all([work("a"), step("own", () => appendFileSync("notes", "own\\n"))]);
    return [...found, await waiting("c"), await work("d")];
  });
  console.log(JSON.stringify(result));
}
`;

/** Starts a program in a folder; its standard output at its end. */
function start(folder: string, args: string[], input = "") {
  const host = spawn(process.execPath, args, { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void host.kill("SIGKILL"));
  let out = "";
  host.stdout.on("data", (data) => {
    out += data;
  });
  if (input !== "") {
    host.stdin.end(input);
  }
  const ended = new Promise<string>((resolve) => host.on("close", () => resolve(out)));
  return { host, ended, shown: () => out };
}

test.each(["SIGKILL", "SIGINT"] as const)("a program that is ended by %s goes on", async (how) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, ".capsule"));
  writeFileSync(join(folder, "host.mjs"), PROGRAM);
  mkdirSync(join(folder, "node_modules/@capsule"), { recursive: true });
  symlinkSync(join(CHECKOUT, "sdk-typescript"), join(folder, "node_modules/@capsule/sdk"));
  const file = join(folder, "notes");
  const notes = () => (existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []);
  const first = start(folder, ["host.mjs"]);
  await eventually(() => notes().length === 3, "it is in the middle");
  first.host.kill(how);
  expect(await first.ended).toBe("");
  writeFileSync(join(folder, "go"), "");
  expect(JSON.parse(await start(folder, ["host.mjs"]).ended)).toEqual(["A", null, "C", "D"]);
  const [one, other, waited, again, last] = notes();
  expect([one, other].sort()).toEqual(["a", "own"]);
  expect(waited, "it was under way, and has run again as the same step").toBe(again);
  expect(waited).toMatch(/^c job\//);
  expect(last).toBe("d");
  const before = notes();
  expect(JSON.parse(await start(folder, ["host.mjs"]).ended)).toEqual(["A", null, "C", "D"]);
  expect(notes()).toEqual(before);
});

test("the example goes on where it was", async () => {
  const folder = join(CHECKOUT, "examples/typescript");
  const args = ["--import", "tsx", "workflow.ts", "ocean heat"];
  const first = start(folder, args);
  await eventually(() => first.shown().includes("How good"), "it waits for an answer");
  const lines = first.shown().split("\n");
  expect(lines.filter((line) => line.startsWith("asking the search engine"))).toHaveLength(2);
  expect(lines.filter((line) => line.startsWith("asking the language model"))).toHaveLength(1);
  first.host.kill("SIGKILL");
  await first.ended;
  const second = await start(folder, args, "5\n").ended;
  expect(second.split("\n")).toEqual([
    lines[3],
    "How good is that, 1 to 5? ocean heat: rated 5",
    "",
  ]);
  expect(await start(folder, args).ended).toBe("ocean heat: rated 5\n");
});

test("many finished steps take no request each", async () => {
  const many = Array.from({ length: 20 }, (_, n) => `m${n}`);
  const sent: string[] = [];
  const ask = Connection.prototype.begin;
  const noted = vi.spyOn(Connection.prototype, "begin").mockImplementation(function (
    this: Connection,
    ...asked: Parameters<typeof ask>
  ) {
    sent.push(asked[0]);
    return ask.apply(this, asked);
  } as typeof ask);
  onTestFinished(() => noted.mockRestore());
  flows.failing.set("m3", 1);
  const main = async (wf: Workflow) => {
    const found: unknown[] = await Promise.all(
      many.map(async (name) => {
        const { execution, ...outcome } = await flows.work.envelope(name);
        return { ...outcome, step: execution.step_id };
      }),
    );
    for (const name of many) {
      found.push(await flows.work(`x${name}`));
    }
    found.push(
      await step("own", () => flows.calls.push("own")),
      await wf.random(),
      await wf.uuid(),
    );
    found.push(await flows.outer("o"), await flows.work("large", 20_000));
    return found;
  };
  let before: unknown;
  const first = workflow(id, async (wf) => {
    before = await main(wf);
    throw new Error("stop");
  });
  await expect(first).rejects.toThrow("stop");
  const calls = [...flows.calls];
  sent.length = 0;
  expect(await workflow(id, main)).toEqual(before);
  expect(flows.calls).toEqual(calls);
  // the first of each task; what is large
  const count = (method: string) => sent.filter((each) => each === method).length;
  expect([count("runTask"), count("beginStep"), count("recordStep")]).toEqual([3, 0, 0]);
});

test("a changed program is found after many steps, and one that has failed runs again", async () => {
  const many = Array.from({ length: 20 }, (_, n) => `m${n}`);
  flows.failing.set("last", 1);
  const main = async (...names: string[]) =>
    (await Promise.all(names.map((name) => flows.work(name)))).length +
    (await flows.work("last")).length;
  await expect(workflow(id, () => main(...many))).rejects.toThrow("no last");
  const changed = workflow(id, () => main("other", ...many.slice(1)));
  await expect(changed).rejects.toMatchObject({
    name: "ReplayMismatch",
    recorded: { args: expect.stringContaining('"m0"') },
    asked: { args: expect.stringContaining('"other"') },
  });
  expect(await workflow(id, () => main(...many))).toBe(24);
  expect(flows.calls.filter((name) => name === "last")).toHaveLength(2);
  expect(flows.calls).toHaveLength(22);
});
