/** Runs tasks: sends them to the sidecar and turns every outcome into an envelope. */

import { linked, onAbort, unlessAborted } from "./abort.js";
import type { Capsule } from "./client.js";
import { type Connection, isRpcError, type RpcError, refusalOf } from "./connection.js";
import { Refusal, SidecarLost, taskError } from "./errors.js";
import { InvalidValue } from "./json/encode.js";
import { MAX_ATTEMPTS, type OpenWorkflow } from "./openworkflow.js";
import type { Module, Program } from "./program.js";
import { Request } from "./request.js";
import { currentScope } from "./scope.js";
import type { ToolTable } from "./tools.js";
import { checkDepth } from "./toolserver.js";
import { MessageTooLarge } from "./transport.js";
import type { Envelope, ErrorType, Execution, OutputEvent } from "./types.js";
import * as wire from "./wire.js";
import { WorkflowError } from "./workflowerrors.js";

const CANCELLED = -32800;
const INTERNAL_ERROR = -32603;
const SOURCE_ERROR = -32010;
const UNKNOWN_PROGRAM = -32011;

/** One task to run once. */
export interface Call {
  readonly client: Capsule;
  readonly program: Program;
  /** null: the program's entry task. */
  readonly task: string | null;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** The caller's, as the sidecar takes them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly ceiling: Readonly<Record<string, unknown>>;
  /** Those that the caller gives. */
  readonly tools: ToolTable;
  /** Whose tasks' tools go with the call; null: no module of this process declares the task. */
  readonly module: Module | null;
  readonly signal: AbortSignal | undefined;
  readonly onOutput: ((event: OutputEvent) => void) | undefined;
}

/** The task's result; throws its `TaskError` if it failed. */
export function resultOf(envelope: Envelope): unknown {
  if (envelope.success) {
    return envelope.result;
  }
  throw taskError(envelope);
}

/**
 * Runs it, as a step of the current workflow if there is one. Rejects only where there is no
 * outcome: an abort, a wrong option, no sidecar, no journal.
 */
export async function execute(call: Call): Promise<Envelope> {
  const workflow = currentScope()?.workflow;
  return workflow === undefined ? outcomeOf(call) : executeIn(workflow, call);
}

async function executeIn(workflow: OpenWorkflow, call: Call): Promise<Envelope> {
  if (call.client !== workflow.client) {
    throw new WorkflowError(
      `a task of the workflow "${workflow.id}" has another client than the workflow: give both the same`,
    );
  }
  const { controller, release } = linked(call.signal);
  const endListening = onAbort(workflow.signal, () => controller.abort(workflow.signal.reason));
  try {
    workflow.check();
    const step = new Step(workflow);
    const envelope = await outcomeOf({ ...call, signal: controller.signal }, step);
    if (!envelope.success && workflow.revoked !== undefined) {
      throw workflow.revoked;
    }
    return envelope;
  } finally {
    endListening();
    release();
  }
}

/** A call that is a step of a workflow, however often its request is sent. */
export class Step {
  #number: number | undefined;

  constructor(readonly workflow: OpenWorkflow) {}

  /** Its number among those that are the same; `args` and `kwargs` are JSON. */
  number(module: string, task: string, args: string, kwargs: string): number {
    this.#number ??= this.workflow.occurrences.next("task", task, args, kwargs, module);
    return this.#number;
  }
}

async function outcomeOf(call: Call, step?: Step): Promise<Envelope> {
  const began = performance.now();
  const { client, signal } = call;
  client.hold();
  try {
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      let connection: Connection | undefined;
      try {
        checkDepth();
        connection = await unlessAborted(client.connection(call.program.language), signal);
        const loaded = await unlessAborted(call.program.load(connection, signal), signal);
        const replay = await unlessAborted(step?.workflow.on(connection), signal);
        return await new Request(call, connection, loaded, step, replay).send();
      } catch (error) {
        const again = attempt < MAX_ATTEMPTS;
        // Its task may have been started. As a step of a workflow it may be once more, else not.
        if (error instanceof SidecarLost && (!error.sent || step !== undefined) && again) {
          continue;
        }
        if (isRpcError(error) && error.code === UNKNOWN_PROGRAM && again) {
          if (connection !== undefined) {
            call.program.forget(connection);
          }
          continue;
        }
        return failed(call, began, error, step);
      }
    }
  } finally {
    client.release();
  }
}

/** What a call has come to that has no reply: an envelope; throws what is the caller's to know. */
function failed(call: Call, began: number, error: unknown, step: Step | undefined): Envelope {
  if (error instanceof InvalidValue || error instanceof MessageTooLarge) {
    return neverStarted(call, began, "invalid_arguments", error.message);
  }
  if (error instanceof Refusal) {
    return neverStarted(call, began, error.type, error.message);
  }
  if (isRpcError(error)) {
    return refused(call, began, error, step);
  }
  throw error;
}

function refused(call: Call, began: number, error: RpcError, step: Step | undefined): Envelope {
  switch (error.code) {
    case SOURCE_ERROR: {
      const source = wire.readOr(wire.SourceErrorData, error.data, null);
      const message = source === null ? error.message : placed(source);
      return neverStarted(call, began, "source_error", message, source?.class, source?.traceback);
    }
    case CANCELLED:
      return neverStarted(call, began, "cancelled", error.message);
    case INTERNAL_ERROR:
      return neverStarted(call, began, "internal", error.message);
    default:
      throw step === undefined ? refusalOf(error) : step.workflow.explained(error);
  }
}

/** The message, led by its place in the source if that is not in it. */
function placed({ message, file, line, column }: wire.Of<typeof wire.SourceErrorData>): string {
  const place = [file, line, column].filter((part) => part !== null).join(":");
  return file === null || message.includes(`${file}:`) ? message : `${place}: ${message}`;
}

/** The envelope of a task that was never started. */
function neverStarted(
  call: Call,
  began: number,
  type: ErrorType,
  message: string,
  className: string | null | undefined = null,
  traceback: string | null | undefined = null,
): Envelope {
  return {
    success: false,
    result: null,
    error: { type, message, class: className ?? null, traceback: traceback ?? null },
    execution: neverRun(call.task, performance.now() - began),
  };
}

/** What it costs to run nothing. */
export function neverRun(task: string | null, milliseconds: number): Execution {
  return {
    task_name: task,
    duration_ms: Math.round(milliseconds),
    retries: 0,
    fuel_consumed: null,
    ram_used: null,
    host_requests: [],
    limits: null,
    run_id: null,
    trace_id: null,
    step_id: null,
    replayed: false,
  };
}
