/** What `@capsule/sdk` is inside a sandbox. Names that only work in the user's program are there, and say so when used. */

import { context } from "./context.ts";
import * as errors from "./errors.ts";
import { loading, never } from "./phase.ts";
import { task, taskRef } from "./tasks.ts";
import { tool } from "./tools.ts";
import { VERSION } from "./version.ts";

function refuse(name: string): Error {
  return new Error(`${name} starts sandboxes from your program; inside a sandbox call the task itself`);
}

/** While modules are loaded, it is the program's outside half that calls it, which does not run in here. */
function outside(name: string): (...args: unknown[]) => Promise<never> {
  return async () => {
    if (loading()) {
      return never(`${name}()`);
    }
    throw refuse(`${name}()`);
  };
}

/** As `outside`, of what a workflow is made by. */
function journal(name: string): (...args: unknown[]) => Promise<never> {
  return async () => {
    if (loading()) {
      return never(`${name}()`);
    }
    throw new Error(
      `${name}() journals what your program does; inside a sandbox call the task itself, which is a step of your program's workflow`,
    );
  };
}

/** Outside: a client with a sidecar of its own. A program may make one at its top level. */
class Capsule {
  constructor() {
    const handler: ProxyHandler<this> = {
      get: (target, name) => {
        if (typeof name === "symbol" || name === "then" || name in Object.prototype) {
          return Reflect.get(target, name);
        }
        return outside(`Capsule.${name}`);
      },
    };
    // biome-ignore lint/correctness/noConstructorReturn: whatever a program calls on it is refused by its name
    return new Proxy(this, handler);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // nothing was started
  }
}

/** Outside: a sandbox that keeps its state from cell to cell. */
class Session {
  static readonly open = outside("Session.open");

  constructor() {
    throw refuse("Session.open()");
  }
}

/** Outside: what a tool knows of the call that it serves. Tools do not run in here. */
function toolContext(): undefined {
  return undefined;
}

const { fromFailure: _, ...classes } = errors;

export const sdk: Readonly<Record<string, unknown>> = {
  ...classes,
  task,
  taskRef,
  tool,
  Capsule,
  Session,
  run: outside("run"),
  runJavaScript: outside("runJavaScript"),
  runPython: outside("runPython"),
  close: outside("close"),
  workflow: journal("workflow"),
  step: journal("step"),
  context,
  toolContext,
  inSandbox: true,
  version: VERSION,
};
