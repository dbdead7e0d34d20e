/** `tool`: a function of the user's process. In here it is a stub that asks the host to have it called there. */

import { fromFailure, InvalidArguments, PolicyDenied, ToolError } from "./errors.ts";
import { quote } from "./json.ts";
import { perform } from "./loop.ts";
import { loading, never } from "./phase.ts";
import { encode, InvalidValue } from "./results.ts";
import { withoutTrailing } from "./tasks.ts";

const given = new Set<string>();
const names = new WeakMap<object, string>();

/** Notes which tools the task was given, to refuse others with a better error. The host decides on each call. */
export function give(tools: Iterable<unknown>): void {
  given.clear();
  for (const name of tools) {
    given.add(String(name));
  }
}

/** The name of a tool object; undefined if it is none. */
export function toolNameOf(value: unknown): string | undefined {
  return typeof value === "function" ? names.get(value) : undefined;
}

/** Declares a tool: `tool(fn)` or `tool({ name, timeout, args }, fn)`. */
export function tool(first: unknown, second?: unknown): (...args: unknown[]) => Promise<unknown> {
  const [options, fn] = (typeof first === "function" ? [{}, first] : [first, second]) as [
    { name?: unknown },
    { name: string },
  ];
  if (typeof fn !== "function" || typeof options !== "object" || options === null) {
    throw new TypeError("use tool(fn) or tool({ name, timeout, args }, fn)");
  }
  const name = options.name ?? fn.name;
  if (typeof name !== "string" || name === "") {
    throw new TypeError('a tool needs a name: tool({ name: "search" }, fn), or a named function');
  }
  const made = (...args: unknown[]): Promise<unknown> => call(name, args);
  Object.defineProperty(made, "name", { value: name, configurable: true });
  names.set(made, name);
  return made;
}

async function call(name: string, args: readonly unknown[]): Promise<unknown> {
  if (loading()) {
    return never(`the tool ${name}`);
  }
  if (!given.has(name)) {
    const message = `this task was not given the tool "${name}": name it in the task's options, as tools: [${name}]`;
    throw new PolicyDenied({ type: "policy_denied", message }, name);
  }
  let operation: string;
  try {
    operation = `{"op":"tool","tool":${quote(name)},"args":${encode(withoutTrailing(args), "args")},"kwargs":{}}`;
  } catch (problem) {
    throw problem instanceof InvalidValue
      ? new InvalidArguments({ type: "invalid_arguments", message: problem.message }, name)
      : problem;
  }
  try {
    return await perform(operation);
  } catch (failure) {
    throw fromFailure(failure, name, ToolError);
  }
}
