/** Runs tasks: sends them to the sidecar and turns every outcome into an envelope. */

import { linked, onAbort } from "./abort.js";
import type { Capsule } from "./client.js";
import { type Connection, isRpcError, NotSent, type RpcError } from "./connection.js";
import { OptionError, Refusal, SidecarError, taskError } from "./errors.js";
import { encode, InvalidValue } from "./json/encode.js";
import type { LoadedProgram, Module, Program } from "./program.js";
import type { ToolTable } from "./tools.js";
import { checkDepth, newRunId } from "./toolserver.js";
import { currentTrace } from "./tracecontext.js";
import { MessageTooLarge } from "./transport.js";
import type { Envelope, ErrorType, OutputEvent } from "./types.js";
import * as wire from "./wire.js";

const CANCELLED = -32800;
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
const SOURCE_ERROR = -32010;
const UNKNOWN_PROGRAM = -32011;

/** Of sending one request. It is sent again only where its task was certainly not started. */
const MAX_ATTEMPTS = 3;

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

/** Runs it. Rejects only where there is no outcome: an abort, a wrong option, no sidecar. */
export async function execute(call: Call): Promise<Envelope> {
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
        return await send(call, connection, loaded);
      } catch (error) {
        const again = attempt < MAX_ATTEMPTS;
        if (error instanceof NotSent && again) {
          continue;
        }
        if (isRpcError(error) && error.code === UNKNOWN_PROGRAM && again) {
          if (connection !== undefined) {
            call.program.forget(connection);
          }
          continue;
        }
        return failed(call, began, error);
      }
    }
  } finally {
    client.release();
  }
}

/** What the promise gives, or the reason of the signal if that comes first. */
async function unlessAborted<T>(
  promise: Promise<T> | T,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined || !(promise instanceof Promise)) {
    return promise;
  }
  let endListening = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    endListening = onAbort(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    endListening();
  }
}

async function send(call: Call, connection: Connection, loaded: LoadedProgram): Promise<Envelope> {
  const { onOutput } = call;
  const tools = new Map([...(call.module?.tools(loaded) ?? []), ...call.tools]);
  if (tools.size === 0 && onOutput === undefined) {
    return connection.request("runTask", paramsOf(call, loaded), readEnvelope, call.signal);
  }
  const run = newRunId();
  let params = `${paramsOf(call, loaded).slice(0, -1)},"run":${JSON.stringify(run)}`;
  const { controller, release } = linked(call.signal);
  if (tools.size > 0) {
    params += `,"tools":${JSON.stringify([...tools.keys()])}`;
    connection.tools.offer(run, tools);
  }
  if (onOutput !== undefined) {
    params += ',"events":["output","lifecycle"]';
    connection.output.add(run, (event) => {
      try {
        onOutput(event);
      } catch (error) {
        controller.abort(error);
      }
    });
  }
  try {
    return await connection.request("runTask", `${params}}`, readEnvelope, controller.signal);
  } finally {
    release();
    connection.tools.withdraw(run);
    connection.output.remove(run);
  }
}

/** An envelope that either succeeded or has an error. */
function readEnvelope(value: unknown, path: string): Envelope {
  const { success, result, error, execution } = wire.Envelope(value, path);
  if (success) {
    return { success, result, error: null, execution };
  }
  if (error === null) {
    throw new wire.WireError(`${path} failed without an error`);
  }
  return { success, result: null, error, execution };
}

function paramsOf(call: Call, loaded: LoadedProgram): string {
  let params = `{"program":${JSON.stringify(loaded.program)}`;
  if (call.task !== null) {
    params += `,"task":${encode(call.task, "task")}`;
  }
  if (call.args.length > 0) {
    params += `,"args":${encode(call.args, "args")}`;
  }
  for (const name of ["kwargs", "options", "ceiling"] as const) {
    if (Object.keys(call[name]).length > 0) {
      params += `,"${name}":${encode(call[name], name)}`;
    }
  }
  const env = loaded.env
    .map((name) => [name, process.env[name]] as const)
    .filter(([, value]) => value !== undefined);
  if (env.length > 0) {
    params += `,"env":${encode(Object.fromEntries(env), "env")}`;
  }
  for (const [name, value] of Object.entries(currentTrace())) {
    params += `,"${name}":${encode(value, name)}`;
  }
  return `${params}}`;
}

/** What a call has come to that has no reply: an envelope; throws what is the caller's to know. */
function failed(call: Call, began: number, error: unknown): Envelope {
  if (error instanceof InvalidValue || error instanceof MessageTooLarge) {
    return neverStarted(call, began, "invalid_arguments", error.message);
  }
  if (error instanceof Refusal) {
    return neverStarted(call, began, error.type, error.message);
  }
  if (isRpcError(error)) {
    return refused(call, began, error);
  }
  throw error;
}

function refused(call: Call, began: number, error: RpcError): Envelope {
  switch (error.code) {
    case SOURCE_ERROR: {
      const source = readOr(wire.SourceErrorData, error.data, null);
      const message = source === null ? error.message : placed(source);
      return neverStarted(call, began, "source_error", message, source?.class, source?.traceback);
    }
    case CANCELLED:
      return neverStarted(call, began, "cancelled", error.message);
    case INTERNAL_ERROR:
      return neverStarted(call, began, "internal", error.message);
    case INVALID_PARAMS:
      throw new OptionError(error.message, readOr(wire.InvalidParamData, error.data, {}));
    default:
      throw new SidecarError(`the sidecar refused the request: ${error.message} (${error.code})`);
  }
}

/** The message, led by its place in the source if that is not in it. */
function placed({ message, file, line, column }: wire.Of<typeof wire.SourceErrorData>): string {
  const place = [file, line, column].filter((part) => part !== null).join(":");
  return file === null || message.includes(`${file}:`) ? message : `${place}: ${message}`;
}

function readOr<T, D>(reader: wire.Reader<T>, value: unknown, otherwise: D): T | D {
  try {
    return reader(value, "data");
  } catch (error) {
    if (error instanceof wire.WireError) {
      return otherwise;
    }
    throw error;
  }
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
    execution: {
      task_name: call.task,
      duration_ms: Math.round(performance.now() - began),
      retries: 0,
      fuel_consumed: null,
      ram_used: null,
      host_requests: [],
      limits: null,
      run_id: null,
      trace_id: null,
    },
  };
}
