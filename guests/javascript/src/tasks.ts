/** `task`: declares a function as a task, and calls it, each time in a sandbox of its own. */

import { fromFailure, InvalidArguments } from "./errors.ts";
import { quote } from "./json.ts";
import { cancel, perform } from "./loop.ts";
import { loading, never } from "./phase.ts";
import { encode, InvalidValue } from "./results.ts";
import { placeOf } from "./stacks.ts";

type AnyFunction = (...args: unknown[]) => unknown;

/** Tasks that `map` keeps in flight; more wait their turn in here. */
const MAP_WINDOW = 500;

/** What is known of a task that the program declares. */
export interface Declared {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly fn: AnyFunction;
}

export interface TaskReference {
  (...args: unknown[]): Promise<unknown>;
  readonly taskName: string;
  map(items: Iterable<unknown>): Promise<unknown[]>;
  envelope(...args: unknown[]): Promise<never>;
  using(options: object): TaskReference;
}

/** The program's tasks by name, in the order of their declaration. */
export const registry = new Map<string, Declared>();
const references = new WeakSet<object>();

/** The name of a task object; undefined if it is none. */
export function taskNameOf(value: unknown): string | undefined {
  return typeof value === "function" && references.has(value) ? (value as unknown as TaskReference).taskName : undefined;
}

/** Declares a task: `task(fn)` or `task({ name, timeout, … }, fn)`. The host validates the options. */
export function task(first: unknown, second?: unknown): TaskReference {
  const [options, fn] = (typeof first === "function" ? [{}, first] : [first, second]) as [
    Record<string, unknown>,
    AnyFunction,
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
  const other = registry.get(name);
  if (other !== undefined) {
    throw new TypeError(`two tasks have the name "${name}": at ${placeOf(other.fn)} and at ${placeOf(fn)}`);
  }
  registry.set(name, { name, options, fn });
  return Object.assign(callable(name), { options });
}

/** A task of another file of the project, by its name in capsule.toml. */
export function taskRef(name: unknown): TaskReference {
  if (typeof name !== "string" || name === "") {
    throw new TypeError('taskRef takes the name of a task: taskRef("summarize")');
  }
  return callable(name);
}

function callable(name: string): TaskReference {
  const made = (...args: unknown[]): Promise<unknown> => call(name, args).result;
  Object.defineProperty(made, "name", { value: name, configurable: true });
  references.add(made);
  return Object.assign(made, {
    taskName: name,
    map: (items: Iterable<unknown>) => map(name, items),
    envelope: () => outside(`${name}.envelope()`),
    using: () => view(name),
  }) as TaskReference;
}

/** What `using` gives: programs make it at their top level, so only its call is refused. */
function view(name: string): TaskReference {
  const what = `${name}.using()`;
  const made = (): Promise<never> => outside(what);
  Object.defineProperty(made, "name", { value: name, configurable: true });
  references.add(made);
  return Object.assign(made, { taskName: name, map: made, envelope: made, using: () => view(name) }) as TaskReference;
}

/** A call that only the user's program can make; while modules are loaded it is its outside half that makes it. */
function outside(what: string): Promise<never> {
  if (loading()) {
    return never(what);
  }
  const message = `${what} works in your program; inside a sandbox call the task itself, and catch TaskError`;
  return Promise.reject(new Error(message));
}

interface Call {
  readonly result: Promise<unknown>;
  cancel(): void;
}

function call(name: string, args: readonly unknown[]): Call {
  if (loading()) {
    return { result: never(`the task ${name}`), cancel: () => undefined };
  }
  let operation: string;
  try {
    operation = `{"op":"call","task":${quote(name)},"args":${encode(withoutTrailing(args), "args")},"kwargs":{}}`;
  } catch (problem) {
    return { result: Promise.reject(invalid(problem, name)), cancel: () => undefined };
  }
  const running = perform(operation);
  return { result: resultOf(running, name), cancel: () => cancel(running) };
}

async function resultOf(running: Promise<unknown>, task: string): Promise<unknown> {
  try {
    return await running;
  } catch (failure) {
    throw fromFailure(failure, task);
  }
}

function invalid(problem: unknown, task: string): unknown {
  return problem instanceof InvalidValue
    ? new InvalidArguments({ type: "invalid_arguments", message: problem.message }, task)
    : problem;
}

/** Arguments that were left out at the end are not null, but not there. */
export function withoutTrailing(args: readonly unknown[]): readonly unknown[] {
  let length = args.length;
  while (length > 0 && args[length - 1] === undefined) {
    length--;
  }
  return length === args.length ? args : args.slice(0, length);
}

/** The results for all items, in their order, run concurrently. The first failure stops what is still running. */
async function map(name: string, items: Iterable<unknown>): Promise<unknown[]> {
  const left = [...items];
  const results: unknown[] = new Array(left.length);
  const running = new Set<Call>();
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < left.length && !failed) {
      const index = next++;
      const started = call(name, [left[index]]);
      running.add(started);
      try {
        results[index] = await started.result;
      } finally {
        running.delete(started);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(MAP_WINDOW, left.length) }, worker));
    return results;
  } catch (problem) {
    failed = true;
    for (const each of running) {
      each.cancel();
    }
    throw problem;
  }
}
