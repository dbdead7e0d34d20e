/** The types that users see; the compiler is the test (`npm run check:types`), nothing here is run. */

import * as v from "valibot";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import {
  Capsule,
  type CellResult,
  context,
  type Envelope,
  type ErrorType,
  type FileInfo,
  run,
  runJavaScript,
  runPython,
  Session,
  step,
  TaskError,
  type TaskFailure,
  type TaskOptions,
  task,
  taskRef,
  tool,
  workflow,
} from "../src/index.js";

export async function types(): Promise<void> {
  const add = task({ name: "add", ram: "64MB" }, (a: number, b = 0) => a + b);
  expectTypeOf(add).parameters.toEqualTypeOf<[a: number, b?: number | undefined]>();
  expectTypeOf(add(1)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(add.map([1, 2])).toEqualTypeOf<Promise<number[]>>();
  expectTypeOf(add.using({ timeout: "1s" })(1, 2)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(add.envelope(1)).toEqualTypeOf<Promise<Envelope<number>>>();
  // @ts-expect-error a string is no number
  add("1");
  // @ts-expect-error too many
  add(1, 2, 3);
  // @ts-expect-error items are the first argument
  add.map(["1"]);

  const later = task(async function later(text: string) {
    return { text };
  });
  expectTypeOf(later("x")).toEqualTypeOf<Promise<{ text: string }>>();
  expectTypeOf(task(function nothing() {})()).toEqualTypeOf<Promise<void>>();

  const rest = task({ name: "rest" }, (first: string, ...more: number[]) => [first, ...more]);
  expectTypeOf(rest("a", 1, 2)).toEqualTypeOf<Promise<(string | number)[]>>();

  const envelope = await add.envelope(1);
  if (envelope.success) {
    expectTypeOf(envelope.result).toEqualTypeOf<number>();
    expectTypeOf(envelope.error).toEqualTypeOf<null>();
  } else {
    expectTypeOf(envelope.error.type).toEqualTypeOf<ErrorType>();
    expectTypeOf(envelope.execution.fuel_consumed).toEqualTypeOf<number | bigint | null>();
  }

  const summarize = taskRef<[text: string], string>("summarize");
  expectTypeOf(summarize("x")).toEqualTypeOf<Promise<string>>();
  expectTypeOf(taskRef("other")).parameters.toEqualTypeOf<unknown[]>();

  const search = tool({ name: "search" }, (query: string, limit?: number) => [query, limit]);
  expectTypeOf(search).parameters.toEqualTypeOf<[query: string, limit?: number | undefined]>();
  expectTypeOf(search("x")).toEqualTypeOf<Promise<(string | number | undefined)[]>>();

  const checked = tool(
    {
      name: "checked",
      args: [z.string(), v.pipe(v.string(), v.transform(Number)), z.number().optional()],
    },
    (text, number, option) => {
      expectTypeOf(text).toEqualTypeOf<string>();
      expectTypeOf(number).toEqualTypeOf<number>();
      expectTypeOf(option).toEqualTypeOf<number | undefined>();
      return { text, number };
    },
  );
  expectTypeOf(checked("a", "1")).toEqualTypeOf<Promise<{ text: string; number: number }>>();
  checked("a", "1", 3);
  // @ts-expect-error the second is a string for who calls it
  checked("a", 1);
  // @ts-expect-error the function takes what the schemas give
  tool({ name: "wrong", args: [z.string()] }, (n: number) => n);

  task(
    { name: "uses", tools: [search, checked, "by name"], tasks: [add, summarize, "x"] },
    () => 1,
  );
  // @ts-expect-error a plain function is no tool
  task({ name: "wrong", tools: [Math.max] }, () => 1);
  // @ts-expect-error no such option
  task({ name: "wrong", max_retries: 1 }, () => 1);
  // @ts-expect-error no such type of error
  task({ name: "wrong", retryOn: ["time"] }, () => 1);
  expectTypeOf<TaskOptions["compute"]>().toExtend<string | number | undefined>();

  expectTypeOf(run({ file: "x.py" })).toEqualTypeOf<Promise<Envelope<unknown>>>();
  expectTypeOf(run<number>({ file: new URL("file:///x.ts") })).toEqualTypeOf<
    Promise<Envelope<number>>
  >();
  // @ts-expect-error a file is needed
  run({});

  await using client = new Capsule({ command: "capsule sidecar" });
  add.using({
    client,
    ceiling: { network: false },
    signal: AbortSignal.timeout(1),
    mounts: ["./x"],
  });

  const error = new Error() as unknown;
  if (error instanceof TaskError) {
    expectTypeOf(error.className).toEqualTypeOf<string | null>();
    expectTypeOf(error.envelope.error.message).toEqualTypeOf<string>();
  }
}

export async function typesOfWorkflows(): Promise<void> {
  const result = workflow(
    "x",
    async (wf) => {
      expectTypeOf(wf.now()).toEqualTypeOf<Promise<Date>>();
      expectTypeOf(wf.signal).toEqualTypeOf<AbortSignal>();
      const double = (n: number): number => 2 * n;
      expectTypeOf(step("double", double, 1)).toEqualTypeOf<Promise<number>>();
      expectTypeOf(step("later", async () => "x")).toEqualTypeOf<Promise<string>>();
      // @ts-expect-error a string is no number
      await step("double", double, "1");
      return { id: wf.id, step: context().stepId };
    },
    { onChange: "continue", durability: "relaxed" },
  );
  expectTypeOf(result).toEqualTypeOf<Promise<{ id: string; step: string | null }>>();
  // @ts-expect-error no such choice
  await workflow("x", () => 1, { onChange: "sometimes" });
}

export async function typesOfSessions(): Promise<void> {
  const search = tool({ name: "search" }, (query: string) => [query]);
  const options = { tools: [search], timeout: "1s", cwd: ".", mounts: ["./x:ro"] };
  expectTypeOf(runPython("1", options)).toEqualTypeOf<Promise<CellResult<unknown>>>();
  const result = await runJavaScript<number>("1", { signal: AbortSignal.timeout(1) });
  expectTypeOf(result.value).toEqualTypeOf<number | null>();
  expectTypeOf(result.state).toEqualTypeOf<"kept" | "lost">();
  expectTypeOf(result.check().error).toEqualTypeOf<null>();
  expectTypeOf(result.parts[0]?.data).toEqualTypeOf<string | Buffer | undefined>();
  if (!result.success) {
    expectTypeOf(result.error).toEqualTypeOf<TaskFailure>();
  }

  await using session = await Session.open("python", { ...options, name: "x", idleTimeout: 60 });
  expectTypeOf(session.run<string>("1")).toEqualTypeOf<Promise<CellResult<string>>>();
  session.run("1", { compute: "LOW", onOutput: ({ text }) => text.trim() });
  session.putFile("x", "text");
  session.putFile("x", new Uint8Array(1));
  expectTypeOf(session.getFile("x")).toEqualTypeOf<Promise<Buffer>>();
  expectTypeOf(session.listFiles()).toEqualTypeOf<Promise<FileInfo[]>>();
  expectTypeOf(session.fork()).toEqualTypeOf<Promise<Session>>();
  // @ts-expect-error sessions are opened
  new Session();
  // @ts-expect-error it is fixed when the session is opened
  session.run("1", { ram: "1GB" });
  // @ts-expect-error a signal is of a cell
  await Session.open("python", { signal: AbortSignal.timeout(1) });
}
