/** The user's program: loads its module and knows its tasks. */

import { fields, Refusal } from "./failure.ts";
import { run } from "./loop.ts";
import { native } from "./native.ts";
import { beginLoading, endLoading, neverSettling } from "./phase.ts";
import { encode, InvalidValue } from "./results.ts";
import { parametersOf } from "./signature.ts";
import { definition, type Place, placeOf, setEntry } from "./stacks.ts";
import { type Declared, registry, taskNameOf } from "./tasks.ts";
import { toolNameOf } from "./tools.ts";

type AnyFunction = (...args: unknown[]) => unknown;

/** The top level of the program threw this. */
export class LoadFailure {
  constructor(readonly problem: unknown) {}
}

export interface Module {
  readonly name: string;
  readonly file: string;
  readonly code: string;
}

/** Whether loading ended at a task's call whose value the top level waits for. */
let endedEarly: string | undefined;

/** Runs the program's top level, as far as it goes. Throws LoadFailure. */
export function load(module: Module): void {
  registry.clear();
  endedEarly = undefined;
  setEntry(module.name, module.file);
  beginLoading();
  const evaluation = start(module);
  if (evaluation === undefined) {
    throw new Refusal(fields("internal", "bad request: the code is not what compile returned"));
  }
  finish(evaluation);
  endLoading();
}

/** Links the module and begins to run it. */
function start(module: Module): Promise<unknown> | undefined {
  try {
    return native.load(module.code, `file:///${module.file}`);
  } catch (problem) {
    throw new LoadFailure(problem);
  }
}

function finish(evaluation: Promise<unknown>): void {
  evaluation.catch(() => undefined); // looked at below
  let outcome: ReturnType<typeof run>;
  try {
    outcome = run(
      () => native.promiseState(evaluation)?.[0] !== 0,
      () => neverSettling() !== undefined,
    );
  } catch (problem) {
    throw new LoadFailure(problem);
  }
  const [state, reason] = native.promiseState(evaluation) ?? [0, undefined];
  if (state === 2) {
    throw new LoadFailure(reason);
  }
  if (outcome === "stalled") {
    endedEarly = neverSettling();
    if (endedEarly === undefined) {
      throw new LoadFailure(new Error("a top-level await can never end: it waits for nothing that could happen"));
    }
  }
}

/** The function of a task. Throws Refusal. */
export function find(name: string): AnyFunction {
  const declared = registry.get(name);
  if (declared !== undefined) {
    return declared.fn;
  }
  const plain = name === "main" ? plainMain() : undefined;
  if (plain !== undefined) {
    return plain;
  }
  let hint = "it has no tasks";
  if (registry.size > 0) {
    const known = [...registry.keys()];
    hint = `did you mean ${(near(name, known) ?? known.slice(0, 10)).join(", ")}?`;
  }
  if (endedEarly !== undefined) {
    hint +=
      ` Tasks that are declared after the first top-level await of ${endedEarly} are not known in a sandbox, where` +
      " that await never ends: declare all tasks above it";
  }
  throw new Refusal(fields("task_not_found", `the program has no task "${name}"; ${hint}`));
}

/** Names that differ by little, the nearest first. */
function near(name: string, known: readonly string[]): string[] | undefined {
  const wanted = name.toLowerCase();
  const found = known
    .map((each) => ({ each, distance: distance(wanted, each.toLowerCase()) }))
    .filter(({ each, distance }) => distance <= Math.max(1, Math.floor(Math.min(each.length, wanted.length) / 3)))
    .sort((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ each }) => each);
  return found.length > 0 ? found : undefined;
}

/** Levenshtein's distance. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const change = one[i - 1] === other[j - 1] ? 0 : 1;
      next[j] = Math.min((next[j - 1] as number) + 1, (row[j] as number) + 1, (row[j - 1] as number) + change);
    }
    row = next;
  }
  return row[other.length] as number;
}

/** An exported function `main`; of a CommonJS module what it assigned to `module.exports`. */
function plainMain(): AnyFunction | undefined {
  let exports: Record<string, unknown> | undefined;
  try {
    exports = native.namespace();
    const found = [exports?.main, exports?.default, (exports?.default as { main?: unknown } | undefined)?.main];
    return found.find((each) => typeof each === "function" && taskNameOf(each) === undefined && !isClass(each)) as
      | AnyFunction
      | undefined;
  } catch {
    return undefined; // an export that is not initialized yet, because loading ended early
  }
}

function isClass(fn: unknown): boolean {
  return Object.getOwnPropertyDescriptor(fn as object, "prototype")?.writable === false;
}

/** The tasks, and the one to run when none is named. Throws Refusal for an option that is not JSON. */
export function describe(): string {
  const described = [...registry.values()].map((each) =>
    describeTask(each.name, each.fn, describeOptions(each)),
  );
  const plain = plainMain();
  let entry: string | null = null;
  if (registry.has("main")) {
    entry = "main";
  } else if (registry.size === 1) {
    [entry = null] = registry.keys();
  } else if (plain !== undefined) {
    entry = "main";
    described.push(describeTask("main", plain, {}));
  }
  return encode({ tasks: described, entry }, "tasks");
}

function describeTask(name: string, fn: AnyFunction, options: object): object {
  const place: Place = definition(fn) ?? { file: "", line: 0, column: 0 };
  return {
    name,
    function: fn.name || name,
    file: place.file,
    line: place.line,
    signature: parametersOf(fn, place),
    options,
  };
}

/** The options in the protocol's names: what the SDK calls `maxRetries` is `max_retries` there. */
function describeOptions(declared: Declared): object {
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(declared.options)) {
    if (key === "name" || key === "module" || value === undefined) {
      continue;
    }
    const plain = plainOption(value);
    try {
      encode(plain, key);
    } catch (problem) {
      if (!(problem instanceof InvalidValue)) {
        throw problem;
      }
      const place = definition(declared.fn);
      const message = `${placeOf(declared.fn)}: task "${declared.name}": option ${problem.message}`;
      throw new Refusal(fields("source_error", message, "TypeError", null, place ?? {}));
    }
    options[key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] = plain;
  }
  return options;
}

/** Tasks and tools are named by their objects; they go to the host as names. */
function plainOption(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(plainOption);
  }
  return taskNameOf(value) ?? toolNameOf(value) ?? value;
}
