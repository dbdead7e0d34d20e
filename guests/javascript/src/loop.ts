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

/** By operation's id. Without a prototype, so that nothing that a program replaces is used with it. */
let waiters: Record<number, Waiter> = Object.create(null);
let waiting = 0;
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
    waiters[id] = { resolve, reject };
    waiting++;
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
  const [completion] = completed([id], undefined);
  if (completion?.id !== id) {
    throw new Error("the host ended a wait without a result");
  }
  if (completion.error !== undefined) {
    throw new OperationFailure(completion.error);
  }
  return completion.ok;
}

/** Stops what perform() started; its promise is never settled. Nothing if it has ended already. */
export function cancel(result: Promise<unknown>): void {
  const id = ids.get(result);
  if (id !== undefined && take(id) !== undefined) {
    submit(`{"op":"cancel","id":${id}}`);
  }
}

function take(id: number): Waiter | undefined {
  const waiter = waiters[id];
  if (waiter !== undefined) {
    delete waiters[id];
    waiting--;
  }
  return waiter;
}

function runningIds(): number[] {
  const running: number[] = [];
  for (const id in waiters) {
    running[running.length] = +id;
  }
  return running;
}

/** Stops all that is left running. */
export function cancelAll(): void {
  for (const id in waiters) {
    submit(`{"op":"cancel","id":${id}}`);
  }
  waiters = Object.create(null);
  waiting = 0;
}

/** The host wants the cell to end while it waits. */
export class Interrupted extends Error {
  constructor() {
    super("interrupted");
  }
}

function completed(running: number[], timeoutMs: number | undefined): Completion[] {
  const ended = parse(native.wait(running, timeoutMs)) as Completion[];
  if (native.isInterrupted()) {
    native.wasInterrupted();
    throw new Interrupted();
  }
  return ended;
}

function settle(completion: Completion): void {
  const waiter = take(completion.id);
  if (waiter !== undefined) {
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
    const due = waiting > 0 || hasTimers(ignoresIntervals()) ? nextTimer() : undefined;
    if (due === undefined && waiting === 0) {
      return "stalled";
    }
    flush();
    const timeout = due === undefined ? undefined : Math.max(0, Math.ceil(due - native.monotonic()));
    if (timeout !== 0 || waiting > 0) {
      const ended = completed(runningIds(), timeout);
      for (let index = 0; index < ended.length; index++) {
        settle(ended[index] as Completion);
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
