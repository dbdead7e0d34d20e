/** `tool()`: declares a function that stays in this process and can be called from sandboxes. */

import { callerOf, type Place } from "./caller.js";
import { OptionError } from "./errors.js";
import { type Arguments, type Schema, validate } from "./schema.js";
import type { AnyFunction, AnyTool } from "./types.js";

const MAX_NAME = 200;
const MAX_SECONDS = 24 * 3600;
const DURATION = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?$/;

/**
 * A function of this process that tasks may call, if their `tools` name it. Called in a sandbox, it
 * runs here, with this process's files, network and keys: its arguments come from code that is not
 * trusted, so give it schemas for them, and check what they mean.
 */
export interface Tool<A extends unknown[], R> {
  (...args: A): Promise<R>;
  /** What sandboxes call it by. */
  readonly name: string;
}

export interface ToolOptions {
  /** What sandboxes call it by; default: the function's name. */
  name?: string;
  /**
   * Time of one call: seconds, or a duration such as `"500ms"`, `"30s"`, `"1m30s"`; 1 ms to 24 h.
   * Default: as long as the task that calls it has.
   */
  timeout?: string | number;
}

/** The tool of a function. */
export type ToolOf<F> = F extends (...args: infer A) => infer R ? Tool<A, Awaited<R>> : never;

/** What the package knows of a tool. */
export interface ToolRecord {
  readonly name: string;
  /** Milliseconds that one call from a sandbox may take. */
  readonly timeout: number | undefined;
  /** Checks the arguments and runs the function. */
  readonly call: (args: readonly unknown[]) => Promise<unknown>;
  readonly place: Place | undefined;
}

const records = new WeakMap<AnyTool, ToolRecord>();
const byFile = new Map<string, Map<string, AnyTool>>();

/** Declares a tool: `tool(fn)`, or `tool({ name, timeout, args: [z.string(), …] }, fn)`. */
export function tool<F extends AnyFunction>(fn: F): ToolOf<F>;
export function tool<const S extends readonly Schema[], R>(
  options: ToolOptions & {
    /** A schema for each argument: zod, valibot or any other that follows Standard Schema. */
    args: S;
  },
  fn: (...args: Arguments<S, "output">) => R,
): Tool<Arguments<S, "input">, Awaited<R>>;
export function tool<F extends AnyFunction>(options: ToolOptions, fn: F): ToolOf<F>;
export function tool(first: unknown, second?: unknown): AnyTool {
  const place = callerOf(tool);
  const [options, fn] = (typeof first === "function" ? [{}, first] : [first, second]) as [
    ToolOptions & { args?: readonly Schema[] },
    (...args: unknown[]) => unknown,
  ];
  if (typeof fn !== "function" || typeof options !== "object" || options === null) {
    throw new TypeError("use tool(fn) or tool({ name, timeout, args }, fn)");
  }
  if (records.has(fn as AnyTool)) {
    throw new TypeError(`${fn.name} is a tool already`);
  }
  const name = options.name ?? fn.name;
  if (typeof name !== "string" || name.length === 0 || name.length > MAX_NAME) {
    throw new TypeError(
      `a tool's name is a string of 1 to ${MAX_NAME} characters, not ${JSON.stringify(name)}; ` +
        'give one with tool({ name: "…" }, fn)',
    );
  }
  const schemas = options.args;
  const call = async (args: readonly unknown[]): Promise<unknown> =>
    fn(...(schemas === undefined ? args : await validate(name, schemas, args)));
  const made = (...args: unknown[]): Promise<unknown> => call(args);
  Object.defineProperty(made, "name", { value: name });
  const timeout = options.timeout === undefined ? undefined : milliseconds(options.timeout);
  records.set(made, { name, timeout, call, place });
  if (place !== undefined) {
    const others = byFile.get(place.file) ?? new Map<string, AnyTool>();
    byFile.set(place.file, others.set(name, made));
  }
  return made;
}

/** What is known of the tool; undefined if it is none. */
export function recordOf(value: unknown): ToolRecord | undefined {
  return typeof value === "function" ? records.get(value as AnyTool) : undefined;
}

/** The tool of that name that the file declares, for tasks of the file that are given it by name. */
export function declaredTool(file: string, name: string): AnyTool | undefined {
  return byFile.get(file)?.get(name);
}

function milliseconds(timeout: string | number): number {
  let seconds = Number.NaN;
  if (typeof timeout === "number") {
    seconds = timeout;
  } else {
    const text = String(timeout).trim().toLowerCase();
    const found = DURATION.exec(text);
    if (text !== "" && found) {
      const units = [3600, 60, 1, 0.001];
      seconds = units.reduce((sum, unit, index) => sum + unit * Number(found[index + 1] ?? 0), 0);
    }
  }
  if (!(seconds >= 0.001 && seconds <= MAX_SECONDS)) {
    const allowed =
      'must be seconds, or a duration such as "500ms", "30s" or "1m30s", 1 ms to 24 h';
    throw new OptionError(`timeout=${JSON.stringify(timeout)}: ${allowed}`, {
      field: "timeout",
      value: timeout,
      allowed,
    });
  }
  return seconds * 1000;
}
