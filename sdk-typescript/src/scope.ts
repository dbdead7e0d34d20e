/** Which workflow the running code belongs to, and what `context()` tells. */

import { AsyncLocalStorage } from "node:async_hooks";
import type { OpenWorkflow } from "./openworkflow.js";

/** Where the running code stands; what does not apply is null. */
export interface Context {
  /** Inside a sandbox: the run's id. */
  readonly runId: string | null;
  /** Inside a sandbox: which attempt of the task this is, from 0. */
  readonly attempt: number | null;
  /** Inside a sandbox: the id of its trace, 32 hex digits. */
  readonly traceId: string | null;
  /** The workflow's id. */
  readonly workflowId: string | null;
  /**
   * The step's id; in a tool that of the step which calls it. It is the same whenever the step runs
   * again, also after a crash: pass it on as idempotency key to what must not happen twice.
   */
  readonly stepId: string | null;
}

/** What the code in it belongs to. */
export interface Scope {
  /**
   * The one whose steps the calls are; undefined in a step of the program's own and in a tool: what
   * they call is a part of them.
   */
  readonly workflow: OpenWorkflow | undefined;
  readonly workflowId: string;
  readonly stepId: string | null;
}

const current = new AsyncLocalStorage<Scope | undefined>();

/** The scope of the running code. */
export function currentScope(): Scope | undefined {
  return current.getStore();
}

/** Runs the function, and all that it starts, in the scope. */
export function within<T>(scope: Scope, fn: () => T): T {
  return current.run(scope, fn);
}

/** Runs a tool: it is called by a step, and is a part of it. */
export function partOfStep<T>(stepId: string | null, fn: () => T): T {
  const scope = current.getStore();
  return scope === undefined ? fn() : current.run({ ...scope, workflow: undefined, stepId }, fn);
}

/**
 * Where the running code stands: `context().stepId`, `.workflowId`, ….
 *
 * In your program it tells the workflow, and in `step` the step; inside a sandbox the run, its
 * attempt and its trace, too. What does not apply is null.
 */
export function context(): Context {
  const scope = current.getStore();
  return {
    runId: null,
    attempt: null,
    traceId: null,
    workflowId: scope?.workflowId ?? null,
    stepId: scope?.stepId ?? null,
  };
}
