/**
 * `runPython()` and `runJavaScript()`: run code as it stands, in a sandbox of its own. What sessions
 * (session.ts) need of it is here, too: how code is sent, and what comes of it.
 */

import { Buffer } from "node:buffer";
import { resolve } from "node:path";
import { unlessAborted } from "./abort.js";
import { attend } from "./attend.js";
import { defaultClient } from "./client.js";
import { type Connection, isRpcError, refusalOf } from "./connection.js";
import { isUnsent, OptionError, Refusal, SessionError, taskError } from "./errors.js";
import { encode, InvalidValue, short } from "./json/encode.js";
import { MAX_ATTEMPTS } from "./openworkflow.js";
import { ceilingToWire, optionsToWire } from "./options.js";
import { neverRun } from "./runs.js";
import * as wire from "./sessionwire.js";
import { givenTools, type ToolTable } from "./tools.js";
import { checkDepth, newRunId } from "./toolserver.js";
import { currentTrace } from "./tracecontext.js";
import { MessageTooLarge } from "./transport.js";
import type { CallOptions, Envelope, Execution, OutputEvent, TaskFailure } from "./types.js";
import { type Of, WireError } from "./wire.js";
import { ofReply } from "./workflowerrors.js";

const OVERLOADED = -32012;
const UNKNOWN_SESSION = -32015;
const NOT_REPEATABLE = -32016;
const TEXT_TYPES = /^(?:text\/|application\/json$|image\/svg\+xml$)/;

/** One form of a value that displays can show. */
export interface Part {
  /** `"text/html"`, `"image/png"`, … */
  readonly mime: string;
  /** Text, or bytes of what is binary. */
  readonly data: string | Buffer;
}

interface Outcome<V> {
  /** The value of the last expression, if it has a form in JSON; else null. */
  readonly value: V | null;
  /** That value as its language shows it; null if there is none. */
  readonly text: string | null;
  /** Its rich forms: HTML, images, … */
  readonly parts: readonly Part[];
  readonly stdout: string;
  readonly stderr: string;
  readonly execution: Execution;
  /** Of a session: `"kept"`, or `"lost"`: the next cell begins anew. A snippet's is lost. */
  readonly state: "kept" | "lost";
  /** Gives this result, or throws the `TaskError` that the code has failed with. */
  check(): Extract<CellResult<V>, { success: true }>;
}

/** What came of running code: `error` is why it failed, null if it succeeded. */
export type CellResult<V = unknown> =
  | (Outcome<V> & { readonly success: true; readonly error: null })
  | (Outcome<V> & { readonly success: false; readonly error: TaskFailure });

/** Limits, grants and the rest of a snippet. */
export interface SnippetOptions extends CallOptions {
  /** The folder where relative mounts and the search for a `capsule.toml` start; default: the current one. */
  cwd?: string;
}

/**
 * Runs Python code in a fresh sandbox. The value is that of the last expression.
 *
 *     const { value } = await runPython<number>("import math\nmath.factorial(20)");
 *
 * The code has no files, network, environment or tools but those that the options grant; it is not
 * your program, and cannot import its modules. What it prints is in the result; `onOutput` takes it
 * as it comes.
 *
 * Code that fails does not reject: see `error` and `check()` of the result. Rejects with
 * `OptionError` for a wrong option or mount, with `SidecarError`, and with the signal's reason if
 * that aborts: then the code is stopped.
 */
export function runPython<V = unknown>(
  code: string,
  options: SnippetOptions = {},
): Promise<CellResult<V>> {
  return runSnippet("python", code, options);
}

/** As `runPython`, for JavaScript and TypeScript. */
export function runJavaScript<V = unknown>(
  code: string,
  options: SnippetOptions = {},
): Promise<CellResult<V>> {
  return runSnippet("javascript", code, options);
}

async function runSnippet<V>(
  language: string,
  code: string,
  options: SnippetOptions,
): Promise<CellResult<V>> {
  const { client = defaultClient, signal, onOutput } = options;
  const began = performance.now();
  client.hold();
  try {
    const { params, tools } = spaceOf(language, options);
    const request = `{${params},"code":${text("code", code)}`;
    return await untilSent(async () => {
      signal?.throwIfAborted();
      const connection = await unlessAborted(client.connection(language), signal);
      const cell = new Cell<V>(connection, tools, onOutput, signal);
      return cell.run("runSnippet", request);
    });
  } catch (error) {
    if (error instanceof Refusal) {
      return neverStarted(error, performance.now() - began, "lost");
    }
    throw explained(error, "code");
  } finally {
    client.release();
  }
}

/** Where code runs and what it may use, as the sidecar takes it: JSON without braces. */
export function spaceOf(
  language: string,
  options: SnippetOptions,
): { params: string; tools: ToolTable } {
  const { cwd, ...rest } = options;
  const root = resolve(cwd ?? ".");
  let params = `"language":${field("language", language)},"root":${field("cwd", root)}`;
  const wired = { options: optionsToWire(rest, root), ceiling: ceilingToWire(rest.ceiling) };
  for (const [name, value] of Object.entries(wired)) {
    if (Object.keys(value).length > 0) {
      params += `,"${name}":${field(name, value)}`;
    }
  }
  const tools = givenTools(rest.tools);
  if (tools.size > 0) {
    params += `,"tools":${field("tools", [...tools.keys()])}`;
  }
  const env = (rest.envVariables ?? [])
    .map((name) => [name, process.env[name]] as const)
    .filter(([, value]) => value !== undefined);
  return {
    params: env.length > 0 ? `${params},"env":${field("env", Object.fromEntries(env))}` : params,
    tools,
  };
}

/** JSON of an argument. Throws `OptionError`, which names it. */
export function field(name: string, value: unknown): string {
  try {
    return encode(value, name);
  } catch (error) {
    throw error instanceof InvalidValue
      ? new OptionError(error.message, { field: name, value })
      : error;
  }
}

/** JSON of an argument that is a string. Throws `OptionError` if it is none. */
export function text(name: string, value: unknown): string {
  if (typeof value !== "string") {
    throw wrong(name, value, "must be a string");
  }
  return field(name, value);
}

export function wrong(name: string, value: unknown, allowed: string): OptionError {
  return new OptionError(`${name}=${short(value)}: ${allowed}`, { field: name, value, allowed });
}

/** The error for what went wrong with a request; `largest` is the argument that may be too large. */
export function explained(error: unknown, largest: string): unknown {
  if (isRpcError(error)) {
    return [OVERLOADED, UNKNOWN_SESSION, NOT_REPEATABLE].includes(error.code)
      ? new SessionError(error.message)
      : (ofReply(error.code, error.message, error.data) ?? refusalOf(error));
  }
  return error instanceof MessageTooLarge
    ? new OptionError(error.message, { field: largest })
    : error;
}

/** Asks again where a sidecar was gone before it could be asked: the next one does not know of it. */
export async function untilSent<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!isUnsent(error) || attempt === MAX_ATTEMPTS) {
        throw error;
      }
    }
  }
}

/** Code that is sent to the sidecar, once. */
export class Cell<V> {
  readonly #connection: Connection;
  readonly #tools: ToolTable;
  readonly #onOutput: ((event: OutputEvent) => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #printed = { stdout: "", stderr: "" };
  #cancel: (() => void) | undefined;

  constructor(
    connection: Connection,
    tools: ToolTable,
    onOutput: ((event: OutputEvent) => void) | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.#connection = connection;
    this.#tools = tools;
    this.#onOutput = onOutput;
    this.#signal = signal;
  }

  /** Sends it; `params` are JSON without the brace at its end. */
  async run(method: string, params: string): Promise<CellResult<V>> {
    checkDepth();
    const run = newRunId();
    let request = `${params},"run":${JSON.stringify(run)}`;
    for (const [name, value] of Object.entries(currentTrace())) {
      request += `,"${name}":${encode(value, name)}`;
    }
    const own = { run, tools: this.#tools, onOutput: this.#take, signal: this.#signal };
    const connection = this.#connection;
    const sent = attend(own, connection, connection, method, `${request}}`, readCell);
    this.#cancel = sent.cancel;
    return this.#result(await sent.reply);
  }

  /** Has it ended; its result tells so. */
  interrupt(): void {
    this.#cancel?.();
  }

  readonly #take = (event: OutputEvent): void => {
    this.#printed[event.stream] += event.text;
    this.#onOutput?.(event);
  };

  #result({ success, value, error, execution, state }: Of<typeof wire.CellResult>): CellResult<V> {
    return resultOf({
      success,
      value: (value?.json ?? null) as V | null,
      text: value?.text ?? null,
      parts: (value?.parts ?? []).map(({ mime, data }) => ({
        mime,
        data: TEXT_TYPES.test(mime) ? data : Buffer.from(data, "base64"),
      })),
      ...this.#printed,
      error,
      execution,
      state,
    });
  }
}

/** A result that either succeeded or has an error. */
function readCell(value: unknown, path: string): Of<typeof wire.CellResult> {
  const result = wire.CellResult(value, path);
  if (!result.success && result.error === null) {
    throw new WireError(`${path} failed without an error`);
  }
  return result;
}

/** The result of code that could not be begun. */
export function neverStarted<V>(
  { type, message }: Refusal,
  milliseconds: number,
  state: "kept" | "lost",
): CellResult<V> {
  return resultOf({
    ...{ success: false, value: null, text: null, parts: [], stdout: "", stderr: "" },
    error: { type, message, class: null, traceback: null },
    execution: neverRun(null, milliseconds),
    state,
  });
}

type Fields<V> = Omit<Outcome<V>, "check"> & { success: boolean; error: TaskFailure | null };

function resultOf<V>(fields: Fields<V>): CellResult<V> {
  const { success, error, execution } = fields;
  const result = { ...fields } as CellResult<V>;
  // Not enumerable, so that what is printed or compared of a result are its data.
  return Object.defineProperty(result, "check", {
    value: () => {
      if (!success) {
        throw taskError({ success, result: null, error, execution } as FailedEnvelope);
      }
      return result;
    },
  });
}

type FailedEnvelope = Extract<Envelope, { success: false }>;
