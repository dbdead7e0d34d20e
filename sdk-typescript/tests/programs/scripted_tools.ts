// Tools that the scripted peer asks for.
import { AsyncLocalStorage } from "node:async_hooks";
import { task, tool, toolContext } from "@capsule/sdk";
import { z } from "zod";

export const seen: string[] = [];
export const tag = new AsyncLocalStorage<string>();

class LookupError extends Error {
  override name = "LookupError";
}

export const add = tool(
  {
    name: "add",
    args: [z.number(), z.number().optional(), z.object({ deep: z.boolean() }).optional()],
  },
  (a, b = 0, options = { deep: false }) => [a + b, options.deep],
);
export const anything = tool(function anything(...args: unknown[]) {
  return args;
});
export const later = tool({ name: "later" }, async (value: unknown) => {
  await new Promise((resolve) => setImmediate(resolve));
  return value;
});
export const where = tool({ name: "where" }, () => {
  const { task: caller, run, signal } = toolContext() ?? {};
  return [tag.getStore() ?? "none", caller, run, signal?.aborted];
});
export const raises = tool({ name: "raises" }, (how: string) => {
  if (how === "string") {
    throw "just text";
  }
  throw new LookupError("no key \ud800");
});
export const badValue = tool({ name: "bad_value" }, (how: string) => ({
  x: [1, how === "nan" ? Number.NaN : () => 1],
}));
export const badGetter = tool({ name: "bad_getter" }, () => ({
  get x(): number {
    throw new LookupError("from a getter");
  },
}));
export const huge = tool({ name: "huge" }, () => "x".repeat(64 * 1024 * 1024));
export const waits = tool({ name: "waits" }, async () => {
  seen.push("begun");
  await new Promise<void>((resolve) => {
    toolContext()?.signal.addEventListener("abort", () => resolve());
  });
  seen.push("stopped");
});
export const stuck = tool({ name: "stuck", timeout: "50ms" }, () => waits());
export const secret = tool({ name: "secret" }, () => {
  seen.push("secret");
  return "secret";
});

const never = (..._: unknown[]): unknown[] => [];

export const ask = task(
  {
    name: "ask",
    // one by its name, as a tool that comes later in the file would be given
    tools: [add, "anything", later, where, raises, badValue, badGetter, huge, waits, stuck],
  },
  never,
);
