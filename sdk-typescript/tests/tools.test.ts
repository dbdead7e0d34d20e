/** Tools, as a sidecar asks for them; the scripted peer stands for one that is hostile too. */

import * as v from "valibot";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type CallOptions,
  OptionError,
  ProgramError,
  SidecarLost,
  type TaskRef,
  task,
  tool,
  toolContext,
} from "../src/index.js";
import { eventually, Fake, sidecarPid } from "./helpers.js";
import * as tools from "./programs/scripted_tools.js";
import { ask as askWithoutTools } from "./programs/without_tools.js";

interface Answer {
  id: unknown;
  result: { result: unknown; error: Record<string, unknown> | null };
  error: { code: number; message: string };
}

const fake = new Fake("", afterAll);

beforeEach(() => {
  tools.seen.length = 0;
});

/** A request for a tool, as a message. */
function call(name: unknown, args: unknown = [], more: Record<string, unknown> = {}): object {
  const { id = 1, ...params } = more;
  return {
    id,
    method: "callTool",
    params: { run: "r-x", root: "RUN", task: "asker", tool: name, args, kwargs: {}, ...params },
  };
}

/** What came with the run, and what this process answers to the messages. */
async function ask(
  messages: object[],
  count = messages.length,
  options: CallOptions = {},
  by: TaskRef<unknown[], unknown[]> = tools.ask,
): Promise<[Record<string, unknown>, ...Answer[]]> {
  const asked = await by.using({ client: fake.client, ...options })(messages, count);
  return asked as [Record<string, unknown>, ...Answer[]];
}

async function one(...args: Parameters<typeof call>): Promise<Answer["result"]> {
  const [, answer] = await ask([call(...args)]);
  expect(Object.keys(answer ?? {})).toEqual(["jsonrpc", "id", "result"]);
  expect(Object.keys(answer?.result ?? {})).toEqual(["result", "error"]);
  return answer?.result as Answer["result"];
}

async function error(...args: Parameters<typeof call>): Promise<Record<string, unknown>> {
  const { result, error } = await one(...args);
  expect(result).toBeNull();
  expect(error?.traceback).toBeNull();
  return error ?? {};
}

test("a tool is called with its arguments", async () => {
  expect(await one("add", [1])).toEqual({ result: [1, false], error: null });
  expect((await one("add", [1, 2.5, { deep: true }])).result).toEqual([3.5, true]);
  expect((await one("later", [{ a: [null, "é"] }])).result).toEqual({ a: [null, "é"] });
});

test("arguments by name are one last object", async () => {
  const kwargs = { deep: true };
  expect((await one("anything", [1, 2], { kwargs })).result).toEqual([1, 2, { deep: true }]);
  expect((await one("add", [1, 2], { kwargs })).result).toEqual([3, true]);
});

test("the tools of the tasks are offered and no others", async () => {
  const [{ tools: offered }] = await ask([], 0);
  expect((offered as string[]).sort()).toEqual([
    ...["add", "anything", "bad_getter", "bad_value", "huge", "later"],
    ...["raises", "stuck", "waits", "where"],
  ]);
  expect((await error("secret")).type).toBe("policy_denied");
  expect(tools.seen).toEqual([]);
});

test.each(["secret", "", "add ", "__proto__", "constructor", null, 7, ["add"], {}])(
  "what was not offered is not run: %j",
  async (name) => {
    expect((await error(name)).type).toMatch(/^(policy_denied|invalid_arguments)$/);
  },
);

test.each(["", "r-x", "RUNx", "ask", null, 0, ["RUN"], { RUN: 1 }])(
  "a run that was not started here calls nothing: %j",
  async (root) => {
    expect((await error("add", [1], { root })).type).toMatch(/^(policy_denied|invalid_arguments)$/);
  },
);

test("a run that is over calls nothing", async () => {
  const first = (await one("later", ["RUN"])).result;
  expect(first).toMatch(/^r-/);
  expect((await error("add", [1], { root: first })).message).toContain("no such run");
});

test("a run of a task without tools offers none", async () => {
  const messages = [call("add", [1]), call("add", [1], { id: 2 })];
  const [params, ...answers] = await ask(messages, 2, {}, askWithoutTools);
  expect(params).not.toHaveProperty("tools");
  for (const answer of answers) {
    expect(answer.result.error?.type).toBe("policy_denied");
  }
});

test.each([null, [], "x", {}, { root: "RUN" }, { root: "RUN", tool: "add", args: { a: 1 } }])(
  "params that are none are an error: %j",
  async (params) => {
    const [, answer] = await ask([{ id: 1, method: "callTool", params }]);
    expect(answer?.result.error?.type).toBe("invalid_arguments");
  },
);

test("an unknown method is refused and a notification ignored", async () => {
  const [, answer] = await ask(
    [
      { method: "callTool", params: { root: "RUN", tool: "secret" } },
      { method: "no/such" },
      { method: "$/cancelRequest", params: null },
      { id: "x", method: "eval", params: { code: "1" } },
    ],
    1,
  );
  expect(answer?.id).toBe("x");
  expect(answer?.error.code).toBe(-32601);
});

test.each<[unknown[], string]>([
  [[], "add(): args[0]: "],
  [["1"], "add(): args[0]: "],
  [[1, "x"], "add(): args[1]: "],
  [[1, 2, { deep: 1 }], 'add(): args[2]["deep"]: '],
  [[1, 2, { deep: true }, 4], "add() takes 3 arguments, not 4"],
  [[[1]], "add(): args[0]: "],
])("arguments that do not fit are named: %j", async (args, told) => {
  const failure = await error("add", args);
  expect(failure.type).toBe("invalid_arguments");
  expect(failure.message).toContain(told);
});

describe("what a tool throws", () => {
  test("is told by class and message only", async () => {
    const log = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(await error("raises", ["error"])).toEqual({
      type: "task_error",
      class: "LookupError",
      message: "no key \ufffd",
      traceback: null,
    });
    expect(await error("raises", ["string"])).toMatchObject({
      class: null,
      message: '"just text"',
    });
    expect((await error("bad_getter")).class).toBe("LookupError");
    log.mockRestore();
  });

  test("a result that is not JSON names its path", async () => {
    expect(await error("bad_value", ["function"])).toEqual({
      type: "invalid_result",
      class: null,
      message:
        "bad_value: result.x[1] has type function, which has no JSON form; only data can be passed",
      traceback: null,
    });
    expect((await error("bad_value", ["nan"])).message).toContain("result.x[1] is NaN");
  });

  test("a result that is too long is an error and no broken connection", async () => {
    const failure = await error("huge");
    expect(failure.type).toBe("invalid_result");
    expect(failure.message).toContain("exceeds");
    expect((await one("add", [1])).error).toBeNull();
  });
});

test("a tool has a time limit", async () => {
  expect(await error("stuck")).toMatchObject({
    type: "task_error",
    class: "TimeoutError",
    message: "stuck took longer than its timeout of 0.05 s",
  });
  await eventually(() => tools.seen.join() === "begun,stopped", "its signal has aborted");
});

test("thousands of calls at once", async () => {
  const messages = Array.from({ length: 3000 }, (_, id) => call("add", [id], { id }));
  const [, ...answers] = await ask(messages);
  for (const { id, result } of answers) {
    expect(result.result).toEqual([id, false]);
  }
  expect(new Set(answers.map(({ id }) => id)).size).toBe(3000);
});

test("a cancelled call is stopped", async () => {
  const cancel = (id: unknown) => ({ method: "$/cancelRequest", params: { id } });
  const messages = [call("waits", [], { id: 7 }), cancel(7), cancel(7), cancel([7])];
  await ask([...messages, call("later", [1], { id: 8 })], 2);
  expect(["", "begun,stopped"]).toContain(tools.seen.join());
});

test("a tool sees who called it, and the context of who called the task", async () => {
  const [, answer] = await tools.tag.run("mine", () => ask([call("where")]));
  expect(answer?.result.result).toEqual(["mine", "asker", "r-x", false]);
  expect(toolContext()).toBeUndefined();
});

test("a lost peer ends its tools", async () => {
  const lost = expect(ask([call("waits")], 2)).rejects.toThrow(SidecarLost);
  await eventually(() => tools.seen.length === 1, "the tool runs");
  process.kill(await sidecarPid(fake.client), "SIGKILL");
  await lost;
  await eventually(() => tools.seen.join() === "begun,stopped", "the tool was stopped");
});

test("the environment is sent by name, as it is at the call", async () => {
  vi.stubEnv("ANOTHER", "x");
  vi.stubEnv("A_SETTING", undefined);
  expect((await ask([], 0))[0]).not.toHaveProperty("env");
  vi.stubEnv("A_SETTING", "1");
  expect((await ask([], 0))[0].env).toEqual({ A_SETTING: "1" });
  vi.unstubAllEnvs();
});

describe("declarations", () => {
  test("a tool is its function, and checks its arguments here too", async () => {
    expect(await tools.add(1, 2)).toEqual([3, false]);
    expect(tools.add.name).toBe("add");
    await expect(tools.add("1" as never)).rejects.toThrow(TypeError);
    const half = tool(
      { name: "half", args: [v.pipe(v.string(), v.transform(Number))] },
      (n) => n / 2,
    );
    expect(await half("5")).toBe(2.5);
  });

  test.each([
    [() => tool(undefined as never), "use tool(fn)"],
    [() => tool({ name: "x" } as never), "use tool(fn)"],
    [() => tool(() => 1), "a tool's name is a string of 1 to 200 characters"],
    [() => tool({ name: "" }, () => 1), "a tool's name"],
    [() => tool({ name: "x".repeat(201) }, () => 1), "a tool's name"],
    [() => tool(tools.add), "add is a tool already"],
    [() => task({ name: "t", tools: [Math.max as never] }, () => 1), "max is not made by it"],
    [() => task({ name: "t", tools: tools.add as never }, () => 1), "tools is an array"],
    [() => tools.ask.using({ tools: [Math.max as never] }), "max is not made by it"],
    [() => tools.ask.using({ mounts: "./data" as never }), "mounts is an array"],
  ])("what cannot be is refused: %s", (declare, told) => {
    expect(declare).toThrow(TypeError);
    expect(declare).toThrow(told);
  });

  test.each(["", "1", "-1s", "5 s", "1x", "25h", 0, -1, Number.NaN, 86401])(
    "the timeout %j is refused",
    (timeout) => {
      expect(() => tool({ name: "x", timeout }, () => 1)).toThrow(OptionError);
      expect(() => tool({ name: "x", timeout }, () => 1)).toThrow("must be seconds, or a duration");
    },
  );

  test.each(["500ms", "30s", "1m30s", "1.5h", "24h", 0.001, 86400])("the timeout %j", (timeout) => {
    expect(tool({ name: "x", timeout }, () => 1).name).toBe("x");
  });

  test("two tools of one name are refused, but for a stand-in", async () => {
    const other = tool({ name: "add" }, () => "instead");
    expect(() => tools.ask.using({ tools: [tools.add, other] })).toThrow(ProgramError);
    expect(() => tools.ask.using({ tools: [tools.add, other] })).toThrow(
      /two tools have the name "add": at .*scripted_tools\.ts:\d+ and at .*tools\.test\.ts:\d+/,
    );
    const [, answer] = await ask([call("add", [1])], 1, { tools: [other] });
    expect(answer?.result.result).toBe("instead");
  });
});

describe("the caller's options", () => {
  test("are sent as the protocol has them", async () => {
    expect((await ask([], 0))[0]).not.toHaveProperty("options");
    const [params] = await ask([], 0, {
      timeout: "1s",
      maxRetries: 2,
      retryOn: ["timeout"],
      maxOutput: undefined as never,
      tools: [tools.secret, "add"],
      tasks: [tools.ask, "other"],
    });
    expect(params.options).toEqual({
      timeout: "1s",
      max_retries: 2,
      retry_on: ["timeout"],
      tools: ["secret", "add"],
      tasks: ["ask", "other"],
    });
    expect(params.tools).toContain("secret");
    const [, answer] = await ask([call("secret")], 1, { tools: [tools.secret] });
    expect(answer?.result).toEqual({ result: "secret", error: null });
  });

  test("of several views add up, and the last wins", async () => {
    const view = tools.ask.using({ client: fake.client, timeout: 1, ram: 5 }).using({ timeout: 2 });
    const [params] = (await view([], 0)) as [Record<string, unknown>];
    expect(params.options).toEqual({ timeout: 2, ram: 5 });
  });

  test("mounts and ceilings start at the current folder", async () => {
    const here = process.cwd();
    const [params] = await ask([], 0, {
      mounts: ["./data:ro", "../up", "/abs", { path: "a/b", mode: "ro" }, "x::/y:rw"],
      ceiling: {
        allowedFiles: ["./in:ro", { path: "/abs", mode: "rw" }],
        allowedHosts: [],
        maxRetries: 0,
        tools: [tools.add, "x"],
        network: false,
      },
    });
    expect(params.options).toEqual({
      mounts: [
        `${here}/data::/data:ro`,
        `${here.split("/").slice(0, -1).join("/")}/up::/up`,
        "/abs",
        `${here}/a/b::/a/b:ro`,
        `${here}/x::/y:rw`,
      ],
    });
    expect(params.ceiling).toEqual({
      allowed_files: [`${here}/in:ro`, "/abs:rw"],
      allowed_hosts: [],
      max_retries: 0,
      tools: ["add", "x"],
      network: false,
    });
  });
});
