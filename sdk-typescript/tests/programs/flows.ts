// Tasks whose tools note that they were called, so that a test sees what ran, and how often.
import { context, task, tool } from "@capsule/sdk";

export const calls: string[] = [];
/** How many times more a tool is to fail, by what it is given. */
export const failing = new Map<string, number>();
/** What `wait` waits for. */
export const gate: { open: Promise<void> } = { open: Promise.resolve() };

const note = tool({ name: "note" }, (text: string) => {
  calls.push(text);
  const times = failing.get(text) ?? 0;
  if (times > 0) {
    failing.set(text, times - 1);
    throw new RangeError(`no ${text}`);
  }
});
const wait = tool({ name: "wait" }, async (text: string) => {
  calls.push(text);
  await gate.open;
});

export const work = task({ name: "work", tools: [note] }, async (name: string, times = 1) => {
  await note(name);
  return name.toUpperCase().repeat(times);
});
export const waiting = task({ name: "waiting", tools: [wait] }, async (name: string) => {
  await wait(name);
  return name;
});
export const outer = task({ name: "outer", tools: [note] }, async (name: string) => {
  const inner = await Promise.all([work(`${name}.1`), work(`${name}.2`)]);
  await note(name);
  return inner;
});
export const retried = task(
  { name: "retried", tools: [note], maxRetries: 3, retryOn: ["task_error"] },
  async (name: string) => {
    const inner = await work(`${name}.inner`);
    await note(name);
    return inner;
  },
);
export const where = task({ name: "where" }, () => ({ ...context() }));
const stepOfTool = tool({ name: "stepOfTool" }, () => context().stepId);
export const byTool = task({ name: "byTool", tools: [stepOfTool] }, async () => [
  context().stepId,
  await stepOfTool(),
]);
const throughATool = tool({ name: "throughATool" }, (name: string) => work(name));
export const indirect = task({ name: "indirect", tools: [throughATool] }, (name: string) =>
  throughATool(name),
);
