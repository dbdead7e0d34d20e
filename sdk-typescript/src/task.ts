/** `task()`: declares a function as a task, to be run in a sandbox of its own at each call. */

import { linked } from "./abort.js";
import { callerOf, pathOf } from "./caller.js";
import { defaultClient } from "./client.js";
import { ProgramError } from "./errors.js";
import { ceilingToWire, optionsToWire } from "./options.js";
import { type Module, moduleOf } from "./program.js";
import { type Call, execute, resultOf } from "./runs.js";
import { givenTools, namesOf } from "./tools.js";
import type { AnyFunction, CallOptions, Envelope, TaskOptions } from "./types.js";

/** How many calls of one `map` are under way at once. */
const MAP_WINDOW = 1000;

/**
 * A task that can be called. Calling it never runs the function here: it runs in a fresh sandbox.
 *
 * Arguments and results travel as JSON, so a `Date` comes back as a string. A task that fails
 * rejects with `TaskError` or one of its subclasses.
 */
export interface TaskRef<A extends unknown[], R> {
  (...args: A): Promise<R>;
  /** What the sidecar knows it by. */
  readonly taskName: string;
  /**
   * Runs the task once for each item, concurrently; the values in the items' order. Each item is the
   * only argument of its run. The first failure is thrown, and stops the other runs.
   */
  map(items: Iterable<A[0]>): Promise<R[]>;
  /** Runs the task and gives the whole outcome, an `Envelope`, instead of rejecting with TaskError. */
  envelope(...args: A): Promise<Envelope<R>>;
  /**
   * The same task, called with these options: `t.using({ timeout: "1s", signal })(x)`. Limits and
   * grants win over the task's own; the tasks that it calls keep theirs. `ceiling` bounds them too.
   */
  using(options: CallOptions): TaskRef<A, R>;
}

/** A task that was declared here. */
export interface Task<A extends unknown[], R> extends TaskRef<A, R> {
  /** As given to `task()`. The sidecar reads those that take effect from the source. */
  readonly options: Readonly<TaskOptions>;
}

/** The task of a function. */
export type TaskOf<F> = F extends (...args: infer A) => infer R ? Task<A, Awaited<R>> : never;

/**
 * Declares a task: `task({ name: "search", timeout: "30s", … }, fn)`, or `task(fn)`.
 *
 * The options are fixed by the source: the sidecar reads and checks them there, in a sandbox without
 * rights, and refuses a wrong one with `OptionError` at the first call.
 *
 * Throws `ProgramError` if the function is not in a file.
 */
export function task<F extends AnyFunction>(fn: F): TaskOf<F>;
export function task<F extends AnyFunction>(options: TaskOptions, fn: F): TaskOf<F>;
export function task(first: unknown, second?: unknown): Task<unknown[], unknown> {
  const [options, fn] = (typeof first === "function" ? [{}, first] : [first, second]) as [
    TaskOptions,
    (...args: unknown[]) => unknown,
  ];
  if (typeof fn !== "function" || typeof options !== "object" || options === null) {
    throw new TypeError("use task(fn) or task({ name, timeout, … }, fn)");
  }
  const name = options.name ?? fn.name;
  if (typeof name !== "string" || name === "") {
    throw new TypeError(
      'a task needs a name: task({ name: "add" }, (a, b) => …), or a named function: task(function add(a, b) { … })',
    );
  }
  const file = options.module === undefined ? callerOf(task)?.file : pathOf(options.module);
  if (file === undefined) {
    throw new ProgramError(
      options.module === undefined
        ? `the task "${name}" is not in a file: its source is read again for the sandbox. Where the ` +
            "call stack does not tell its file, as in a bundled application, say so: " +
            "task({ module: import.meta.url, … }, fn)"
        : `the module of the task "${name}" is not there: ${options.module}`,
    );
  }
  const module = moduleOf(file);
  const tools = options.tools ?? [];
  namesOf(tools); // throws for what is none
  module.add(name, tools);
  const made = callable(module, name, {});
  return Object.assign(made, { options });
}

/**
 * A task of another file of the same project, in any language, by its name: `capsule.toml` says
 * where it is (`[tasks.NAME] file = "…"`).
 *
 *     const summarize = taskRef<[text: string], string>("summarize");
 */
export function taskRef<A extends unknown[] = unknown[], R = unknown>(
  name: string,
  options: { module?: string } = {},
): TaskRef<A, R> {
  const file = options.module === undefined ? callerOf(taskRef)?.file : pathOf(options.module);
  if (file === undefined) {
    throw new ProgramError(
      `it cannot be told which file refers to the task "${name}"; say so: ` +
        `taskRef("${name}", { module: import.meta.url })`,
    );
  }
  return callable(moduleOf(file), name, {}) as unknown as TaskRef<A, R>;
}

function callable(module: Module, name: string, own: CallOptions): TaskRef<unknown[], unknown> {
  const prepared = prepare(module, name, own);
  const outcome = (args: readonly unknown[], signal = own.signal): Promise<Envelope> =>
    execute({ ...prepared, args: withoutTrailing(args), signal });
  const made = async (...args: unknown[]): Promise<unknown> => resultOf(await outcome(args));
  Object.defineProperty(made, "name", { value: name });
  return Object.assign(made, {
    taskName: name,
    envelope: (...args: unknown[]) => outcome(args),
    using: (options: CallOptions) => callable(module, name, { ...own, ...options }),
    map: (items: Iterable<unknown>) =>
      mapped([...items], own.signal, async (item, signal) =>
        resultOf(await outcome([item], signal)),
      ),
  });
}

/** All of a call but its arguments. */
function prepare(module: Module, name: string, own: CallOptions): Omit<Call, "args" | "signal"> {
  return {
    client: own.client ?? defaultClient,
    program: module.program,
    task: name,
    kwargs: {},
    options: optionsToWire(own, process.cwd()),
    ceiling: ceilingToWire(own.ceiling),
    tools: givenTools(own.tools),
    module,
    onOutput: own.onOutput,
  };
}

/** What was left out stays left out: a default of the task's own is then taken. */
function withoutTrailing(args: readonly unknown[]): readonly unknown[] {
  return args.slice(0, args.findLastIndex((each) => each !== undefined) + 1);
}

async function mapped(
  items: readonly unknown[],
  signal: AbortSignal | undefined,
  call: (item: unknown, signal: AbortSignal) => Promise<unknown>,
): Promise<unknown[]> {
  const { controller, release } = linked(signal);
  const values: unknown[] = new Array(items.length);
  const entries = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of entries) {
      values[index] = await call(item, controller.signal);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(MAP_WINDOW, items.length) }, worker));
  } finally {
    release();
    controller.abort();
  }
  return values;
}
