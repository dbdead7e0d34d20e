// Tasks whose tools run in this process.
import type { AsyncLocalStorage } from "node:async_hooks";
import { TaskError, task, tool, toolContext } from "@capsule/sdk";
import * as v from "valibot";

/** What the test puts here is not there inside the sandbox. */
export const outside: { tag?: AsyncLocalStorage<string> } = {};
export const events: string[] = [];

export const describe = tool(
  { name: "describe", args: [v.string(), v.optional(v.number())] },
  (text, times = 1) => ({
    text: text.repeat(times),
    pid: process.pid,
    tag: outside.tag?.getStore() ?? "none",
  }),
);
export const broken = tool({ name: "broken" }, () => {
  throw new RangeError("no such thing");
});
export const hangs = tool({ name: "hangs" }, async () => {
  events.push("begun");
  await new Promise<void>((resolve) => {
    toolContext()?.signal.addEventListener("abort", () => resolve());
  });
  events.push("stopped");
});
export const secret = tool({ name: "secret" }, () => {
  events.push("secret");
});

export const uses = task({ name: "uses", tools: [describe] }, (text: string) => describe(text, 2));
export const byName = task({ name: "byName", tools: ["describe"] }, (text: string) =>
  describe(text),
);
export const many = task({ name: "many", tools: [describe] }, async (count: number) => {
  const found = await Promise.all(Array.from({ length: count }, (_, n) => describe(String(n))));
  return found.filter(({ text }, n) => text === String(n)).length;
});
export const fails = task({ name: "fails", tools: [describe, broken] }, async (how: string) => {
  try {
    await (how === "throw" ? broken() : describe(1 as never));
  } catch (error) {
    const { name, type, className, message } = error as TaskError;
    return [error instanceof TaskError, name, type, className, message];
  }
  return "nothing was thrown";
});
export const failsUncaught = task({ name: "failsUncaught", tools: [broken] }, () => broken());
export const waits = task({ name: "waits", tools: [hangs], timeout: "1s" }, () => hangs());
export const forges = task({ name: "forges", tools: [describe] }, async () => {
  try {
    await secret();
  } catch (error) {
    return (error as Error).name;
  }
  return "it was called";
});
