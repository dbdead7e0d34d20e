/**
 * The event loop. All that a program can wait for is the host's operations and timers, and both are waited for at once
 * by the host's `wait`. Microtasks run in between, by the engine.
 */

import { type ErrorFields, OperationFailure } from "./failure.ts";
import { parse } from "./json.ts";
import { native } from "./native.ts";
import { flush } from "./output.ts";
import { hasTimers, nextTimer, runTimers } from "./timers.ts";

interface Completion {
  readonly id: number;
  readonly ok?: unknown;
  readonly error?: ErrorFields;
}

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

let waiters = new Map<number, Waiter>();
let ids = new WeakMap<object, number>();
const rejections = new Map<object, unknown>();

/** What ends the program at once: nothing else of it may run. */
export interface Exit {
  readonly code: number;
}

let exiting: Exit | undefined;

/** Ends the program, whatever it is in the middle of. */
export function exit(code: number): never {
  exiting = { code };
  return native.exit();
}

function submit(operation: object | string): number {
  return native.submit(typeof operation === "string" ? operation : JSON.stringify(operation));
}

/**
 * Starts an operation (guests/README.md) and gives its value, or fails with OperationFailure. Operations run at once,
 * side by side.
 */
export function perform(operation: object | string): Promise<unknown> {
  const id = submit(operation);
  const result = new Promise<unknown>((resolve, reject) => {
    waiters.set(id, { resolve, reject });
  });
  ids.set(result, id);
  return result;
}

/** Starts an operation whose end nobody waits for. */
export function post(operation: object): void {
  submit(operation);
}

/** As perform, while nothing else happens. */
export function performSync(operation: object | string): unknown {
  const id = submit(operation);
  flush();
  for (const completion of completed([id], undefined)) {
    if (completion.id === id) {
      if (completion.error !== undefined) {
        throw new OperationFailure(completion.error);
      }
      return completion.ok;
    }
  }
  throw new Error("the host ended a wait without a result");
}

/** Stops what perform() started; its promise is never settled. Nothing if it has ended already. */
export function cancel(result: Promise<unknown>): void {
  const id = ids.get(result);
  if (id !== undefined && waiters.delete(id)) {
    submit(`{"op":"cancel","id":${id}}`);
  }
}

/** Stops all that is left running. */
export function cancelAll(): void {
  for (const id of waiters.keys()) {
    submit(`{"op":"cancel","id":${id}}`);
  }
  waiters.clear();
}

function completed(running: number[], timeoutMs: number | undefined): Completion[] {
  return parse(native.wait(running, timeoutMs)) as Completion[];
}

function settle(completion: Completion): void {
  const waiter = waiters.get(completion.id);
  if (waiter !== undefined) {
    waiters.delete(completion.id);
    if (completion.error === undefined) {
      waiter.resolve(completion.ok);
    } else {
      waiter.reject(new OperationFailure(completion.error));
    }
  }
}

/** A promise was rejected and nobody handles it: as in Node, that ends the program. */
export class Unhandled {
  constructor(readonly reason: unknown) {}
}

/** How `run` ended: what it was for has come about, or nothing is left that could bring it about. */
export type Outcome = "done" | "stalled";

function drain(): void {
  native.runJobs();
  if (exiting === undefined) {
    const [reason] = rejections.values();
    if (rejections.size > 0) {
      rejections.clear();
      throw new Unhandled(reason);
    }
  }
}

/**
 * Runs the program until `isDone`. Throws what a callback throws, and Unhandled. While `ignoresIntervals()`, an interval
 * counts as nothing to wait for.
 */
export function run(isDone: () => boolean, ignoresIntervals: () => boolean = () => false): Outcome {
  for (;;) {
    drain();
    if (exiting !== undefined) {
      return native.exit(); // out of whatever runs the loop
    }
    if (isDone()) {
      return "done";
    }
    if (runTimers(drain)) {
      continue;
    }
    const due = waiters.size > 0 || hasTimers(ignoresIntervals()) ? nextTimer() : undefined;
    if (due === undefined && waiters.size === 0) {
      return "stalled";
    }
    flush();
    const timeout = due === undefined ? undefined : Math.max(0, Math.ceil(due - native.monotonic()));
    if (timeout !== 0 || waiters.size > 0) {
      for (const completion of completed([...waiters.keys()], timeout)) {
        settle(completion);
      }
    }
  }
}

/** Whether the program has ended itself, and how. */
export function exited(): Exit | undefined {
  return exiting;
}

/** Forgets what is left of the last request. */
export function resetLoop(): void {
  waiters = new Map();
  ids = new WeakMap();
  rejections.clear();
  exiting = undefined;
}

native.setRejectionHook((promise, reason, handled) => {
  if (handled) {
    rejections.delete(promise);
  } else {
    rejections.set(promise, reason);
  }
});
