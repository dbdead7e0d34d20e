/**
 * Serves the sidecar's `callTool` requests: runs this process's tools for sandboxed tasks.
 *
 * What comes in was written by code in a sandbox and is not trusted. A tool is run only for a run
 * that this process has started and offered the tool to, and with arguments that fit its schemas.
 */

import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import { debuglog } from "node:util";
import { linked } from "./abort.js";
import { Refusal, TaskError } from "./errors.js";
import { plainText } from "./failure.js";
import { encode, InvalidValue, short } from "./json/encode.js";
import { Mismatch } from "./schema.js";
import { partOfStep } from "./scope.js";
import type { ToolRecord } from "./tool.js";
import { placeOf, type ToolTable } from "./tools.js";
import { inTrace, type Trace } from "./tracecontext.js";
import { checkSize, MessageTooLarge } from "./transport.js";
import type { ErrorType } from "./types.js";
import { CallToolParams, type CallToolResult, isObject, type Of, WireError } from "./wire.js";

/** Tools that run at once. */
const MAX_CALLS = 10_000;

/** Of tools that call tasks that call tools. */
const MAX_DEPTH = 16;

const log = debuglog("capsule");

/** Who has called the tool that is running. */
export interface ToolContext {
  /** Aborts when nobody waits for the tool any more: its task has ended, or the tool's `timeout` has passed. */
  readonly signal: AbortSignal;
  /** Name of the task that has called it. */
  readonly task: string;
  /** Id of that task's run. */
  readonly run: string;
}

interface Current extends ToolContext {
  readonly depth: number;
}

const current = new AsyncLocalStorage<Current>();

/** In a tool that a sandbox has called: who did, and whether it still waits. Elsewhere undefined. */
export function toolContext(): ToolContext | undefined {
  return current.getStore();
}

/** Refuses to run a task for a tool that is deep inside others. */
export function checkDepth(): void {
  if ((current.getStore()?.depth ?? 0) >= MAX_DEPTH) {
    throw new Refusal(
      "overloaded",
      `tools and tasks call one another more than ${MAX_DEPTH} deep; ` +
        "is there a tool that calls the task that calls it?",
    );
  }
}

/** What a run may call, and the asynchronous context of whoever started the run. */
interface Offer {
  readonly tools: ToolTable;
  readonly context: AsyncResource;
}

/** A new run id, which nobody can guess. */
export function newRunId(): string {
  return `r-${randomBytes(12).toString("hex")}`;
}

/** The tools of one connection. */
export class ToolServer {
  readonly #offers = new Map<string, Offer>();
  readonly #calls = new Set<AbortController>();
  #closed = false;

  /** Lets a run call these tools. */
  offer(run: string, tools: ToolTable): void {
    this.#offers.set(run, { tools, context: new AsyncResource("capsule.run") });
  }

  /** The run is over. */
  withdraw(run: string): void {
    this.#offers.delete(run);
  }

  /** The connection is over, and so is all that was asked for by it. */
  close(): void {
    this.#closed = true;
    this.#offers.clear();
    for (const call of this.#calls) {
      call.abort();
    }
  }

  /** Serves a request; never rejects. `stop` aborts when nobody wants the answer. */
  async call(params: unknown, stop: AbortSignal): Promise<string> {
    try {
      const answer = await this.#call(params, stop);
      checkSize(answer);
      return answer;
    } catch (error) {
      if (error instanceof Refusal) {
        return failure(error.type, error.message);
      }
      if (error instanceof MessageTooLarge) {
        return failure("invalid_result", error.message);
      }
      throw error;
    }
  }

  async #call(params: unknown, stop: AbortSignal): Promise<string> {
    const { offer, tool, args, task, run, step, trace } = this.#find(params);
    if (this.#closed || this.#calls.size >= MAX_CALLS) {
      throw new Refusal("overloaded", `more than ${MAX_CALLS} tools run at once`);
    }
    const nobody = `nobody waits for ${tool.name} any more`;
    if (stop.aborted) {
      throw new Refusal("cancelled", nobody);
    }
    const { controller, release } = linked(stop);
    this.#calls.add(controller);
    let timer: NodeJS.Timeout | undefined;
    const early = new Promise<string>((resolve) => {
      controller.signal.addEventListener("abort", () => resolve(failure("cancelled", nobody)), {
        once: true,
      });
      const { name, timeout } = tool;
      if (timeout !== undefined) {
        const message = `${name} took longer than its timeout of ${timeout / 1000} s`;
        const late = failure("task_error", message, "TimeoutError");
        timer = setTimeout(() => resolve(late), timeout);
      }
    });
    try {
      const answer = offer.context.runInAsyncScope(() => {
        const depth = (current.getStore()?.depth ?? 0) + 1;
        const context: Current = { signal: controller.signal, task, run, depth };
        return current.run(context, () =>
          inTrace(trace, () => partOfStep(step, () => answerOf(tool, args))),
        );
      });
      return await Promise.race([answer, early]);
    } finally {
      clearTimeout(timer);
      this.#calls.delete(controller);
      release();
      controller.abort(); // nobody waits for what goes on
    }
  }

  #find(params: unknown): {
    offer: Offer;
    tool: ToolRecord;
    args: unknown[];
    task: string;
    run: string;
    step: string | null;
    trace: Trace;
  } {
    const { root, run, task, tool: name, args, kwargs, step, ...trace } = readParams(params);
    const offer = this.#offers.get(root);
    if (offer === undefined) {
      throw new Refusal("policy_denied", "no such run was started here, or it is over");
    }
    const tool = offer.tools.get(name);
    if (tool === undefined) {
      throw new Refusal("policy_denied", `the run was not offered a tool ${short(name)}`);
    }
    const positional = args ?? [];
    const named = kwargs ?? {};
    if (!Array.isArray(positional) || !isObject(named)) {
      throw new Refusal("invalid_arguments", "args must be an array and kwargs an object");
    }
    return {
      offer,
      tool,
      args: Object.keys(named).length > 0 ? [...positional, named] : positional,
      task,
      run,
      step,
      trace,
    };
  }
}

function readParams(params: unknown): Of<typeof CallToolParams> {
  try {
    return CallToolParams(params, "params");
  } catch (error) {
    throw error instanceof WireError ? new Refusal("invalid_arguments", error.message) : error;
  }
}

async function answerOf(tool: ToolRecord, args: unknown[]): Promise<string> {
  let value: unknown;
  try {
    value = await tool.call(args);
  } catch (error) {
    return error instanceof Mismatch
      ? failure("invalid_arguments", error.message)
      : thrown(tool, error);
  }
  try {
    return `{"result":${encode(value, "result")},"error":null}`;
  } catch (error) {
    return error instanceof InvalidValue
      ? failure("invalid_result", `${tool.name}: ${error.message}`)
      : thrown(tool, error); // a getter or a toJSON of the value
  }
}

/** What the sandbox is told: the class and the message. The rest goes to this process's log. */
function thrown(tool: ToolRecord, error: unknown): string {
  log("the tool %s %s threw %o", tool.name, placeOf(tool), error);
  if (error instanceof TaskError) {
    return failure("task_error", error.summary, error.name);
  }
  if (error instanceof Error) {
    return failure("task_error", String(error.message), String(error.name));
  }
  return failure("task_error", short(error), null);
}

function failure(type: ErrorType, message: string, className: string | null = null): string {
  const answer: Of<typeof CallToolResult> = {
    result: null,
    error: {
      type,
      message: plainText(message),
      class: className?.toWellFormed() ?? null,
      traceback: null,
    },
  };
  return JSON.stringify(answer);
}
