/** Serves one request: ping, describe or call. */

import { begin, type CellRequest, Invalid, runCell } from "./cells.ts";
import { complete } from "./complete.ts";
import { tell } from "./context.ts";
import { TaskError } from "./errors.ts";
import { cut, type ErrorFields, fields, Refusal } from "./failure.ts";
import { parse } from "./json.ts";
import { cancelAll, type Exit, exited, Interrupted, resetLoop, run, Unhandled } from "./loop.ts";
import { native } from "./native.ts";
import { flush } from "./output.ts";
import { endLoading, loading } from "./phase.ts";
import { describe, find, LoadFailure, load, type Module } from "./program.ts";
import { encode, InvalidValue } from "./results.ts";
import { headOf, innermost, traceback } from "./stacks.ts";
import { resetTimers, setClock } from "./timers.ts";
import { give } from "./tools.ts";

interface Request {
  readonly op: string;
  readonly modules: readonly Module[];
  readonly task: string;
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly tools?: readonly string[];
  readonly context?: Readonly<Record<string, unknown>>;
  readonly max_result_bytes?: number;
}

const stringify = JSON.stringify;
const BROKEN = fields("internal", "the guest cannot run a task");

/** The request, to a program of ours, that a ping serves. */
let rehearsal = "";

/**
 * A fresh copy of the snapshot shares its memory with all others until it writes to it. The pages that every task writes
 * to are copied by a ping, before anybody waits for it: a ping runs a task of ours.
 */
export function setRehearsal(source: string): void {
  const file = "capsule:rehearsal";
  const modules = [{ name: file, file, code: native.compile(source, file) }];
  const request = { op: "call", modules, task: "main", args: [[1, "text", null]], kwargs: {}, env: {}, tools: [] };
  rehearsal = stringify(request);
}

/** Called before the program is loaded, with its environment and the entry module's file. */
export type Prepare = (environment: Readonly<Record<string, string>>, file: string) => void;

let prepare: Prepare = () => undefined;

/** Sets what makes `process` ready. */
export function setPrepare(hook: Prepare): void {
  prepare = hook;
}

/** The reply (JSON) to a request (JSON). */
export function serve(text: string): string {
  let request: Request;
  try {
    request = checked(parse(text));
    if (request.op === "ping") {
      return rehearsal === "" || serve(rehearsal).startsWith('{"ok":') ? '{"ok":"pong"}' : failure(BROKEN);
    }
  } catch (problem) {
    return failure(fields("internal", `bad request: ${headOf(problem)}`));
  }
  if (request.op === "cell" || request.op === "complete" || request.op === "inspect") {
    return serveCell(request as Request & CellRequest & { cursor: number });
  }
  try {
    return `{"ok":${native.call(() => carryOut(request))}}`;
  } catch (problem) {
    return failure(explain(problem));
  } finally {
    end();
  }
}

function serveCell(request: Request & CellRequest & { cursor: number }): string {
  try {
    return `{"ok":${native.call(() => ofCell(request))}}`;
  } catch (problem) {
    if (native.wasInterrupted() || problem instanceof Interrupted) {
      return failure(fields("task_error", "interrupted", "Interrupted", cut(traceback(problem))));
    }
    return failure(
      problem instanceof Invalid
        ? ofCompiling(problem.problem, request.file, request.code, problem.said)
        : explain(problem),
    );
  } finally {
    native.wasInterrupted();
    end();
  }
}

function ofCell(request: Request & CellRequest & { cursor: number }): string {
  give(request.tools ?? []);
  tell(request.context ?? {});
  if (begin(request)) {
    native.seed();
    setClock(native.monotonic);
    prepare(request.env ?? {}, "cell");
  }
  switch (request.op) {
    case "cell":
      return runCell(request);
    case "complete":
      return complete(request.code, request.cursor);
    default:
      return '{"text":""}';
  }
}

function failure(error: ErrorFields): string {
  return `{"error":${stringify(error)}}`;
}

const OPERATIONS = ["ping", "describe", "call", "cell", "complete", "inspect"];

/** Requests come from the host; one of another shape is a fault of it that should not look like the program's. */
function checked(value: unknown): Request {
  const request = value as Request;
  if (typeof value !== "object" || value === null || !OPERATIONS.includes(request.op)) {
    throw new TypeError("no such operation");
  }
  if (!["describe", "call"].includes(request.op)) {
    return request;
  }
  const [entry] = Array.isArray(request.modules) ? request.modules : [];
  if (typeof entry?.name !== "string" || typeof entry.file !== "string" || typeof entry.code !== "string") {
    throw new TypeError("modules has no entry module");
  }
  const { args = [], kwargs = {}, env = {}, tools = [], context = {} } = request;
  if (!Array.isArray(args) || !isObject(kwargs) || !isObject(env) || !Array.isArray(tools) || !isObject(context)) {
    throw new TypeError("args and tools are arrays, kwargs, env and context are objects");
  }
  if (request.op === "call" && typeof request.task !== "string") {
    throw new TypeError("task is a string");
  }
  return { ...request, args, kwargs, env, tools, context };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function carryOut(request: Request): string {
  const [entry] = request.modules as [Module];
  native.seed();
  setClock(native.monotonic);
  give(request.tools ?? []);
  tell(request.context ?? {});
  prepare(request.env ?? {}, entry.file);
  load(entry);
  if (request.op === "describe") {
    return describe();
  }
  const { args = [], kwargs = {} } = request;
  const all = Object.keys(kwargs).length > 0 ? [...args, kwargs] : args;
  const value = call(request.task, all);
  if (native.outOfMemory()) {
    native.collect(); // what the task has used up and given back
  }
  return encode(value, "result", request.max_result_bytes);
}

function call(task: string, args: readonly unknown[]): unknown {
  const fn = find(task);
  const value = fn(...args);
  const result = settled(value);
  const outcome = run(() => result.state !== 0);
  if (outcome === "stalled") {
    throw new Stalled();
  }
  if (result.state === 2) {
    throw result.value;
  }
  return result.value;
}

interface Settled {
  state: 0 | 1 | 2;
  value: unknown;
}

/** Follows what a task returned, as `await` does. */
function settled(value: unknown): Settled {
  const result: Settled = { state: 0, value: undefined };
  const follow = async (): Promise<void> => {
    try {
      result.value = await value;
      result.state = 1;
    } catch (problem) {
      result.value = problem;
      result.state = 2;
    }
  };
  void follow();
  return result;
}

class Stalled {}

/** The error object for whatever was thrown; there is always one. */
function explain(thrown: unknown): ErrorFields {
  const exit = exited();
  if (exit !== undefined) {
    return exitFields(exit, loading());
  }
  try {
    if (thrown instanceof Refusal) {
      return thrown.fields;
    }
    if (thrown instanceof InvalidValue) {
      return fields("invalid_result", thrown.message);
    }
    if (thrown instanceof Stalled) {
      const message = "the task's promise can never settle: it waits for nothing that could happen";
      return fields("task_error", message, "Error");
    }
    if (thrown instanceof LoadFailure) {
      return ofLoading(thrown.problem instanceof Unhandled ? thrown.problem.reason : thrown.problem);
    }
    return ofTask(thrown instanceof Unhandled ? thrown.reason : thrown);
  } catch (second) {
    if (isOutOfMemory(second)) {
      throw second;
    }
    return fields("task_error", "it threw something that could not be described", null);
  }
}

function exitFields({ code }: Exit, isLoading: boolean): ErrorFields {
  return isLoading
    ? fields("source_error", `the top level of the program called process.exit(${code}) in the sandbox`)
    : fields("exit", `the task called process.exit(${code})`);
}

/** Where there was no room for an error either, the engine throws null. */
function isOutOfMemory(problem: unknown): boolean {
  const isOfEngine = problem === null || (problem instanceof InternalError && problem.message === "out of memory");
  return isOfEngine && native.outOfMemory();
}

declare const InternalError: ErrorConstructor;

function isStackOverflow(problem: unknown): boolean {
  return problem instanceof RangeError && problem.message === "Maximum call stack size exceeded";
}

const OUT_OF_MEMORY = fields("out_of_memory", "the task needs more memory than its ram", "InternalError");

function ofTask(problem: unknown): ErrorFields {
  if (isOutOfMemory(problem)) {
    return OUT_OF_MEMORY;
  }
  const type = isStackOverflow(problem) ? "stack_overflow" : "task_error";
  return fields(type, messageOf(problem), classOf(problem), cut(traceback(problem)));
}

function ofLoading(problem: unknown): ErrorFields {
  if (isOutOfMemory(problem)) {
    return OUT_OF_MEMORY;
  }
  if (isStackOverflow(problem)) {
    return fields("stack_overflow", messageOf(problem), classOf(problem), cut(traceback(problem)));
  }
  const place = innermost(problem);
  const where = place === undefined ? "" : `${place.file}:${place.line}: `;
  return fields("source_error", where + headOf(problem), classOf(problem), cut(traceback(problem)), place);
}

function messageOf(problem: unknown): string {
  if (problem instanceof TaskError) {
    return problem.summary;
  }
  if (problem instanceof Error) {
    return String(problem.message) || String(problem.name);
  }
  return headOf(problem);
}

function classOf(problem: unknown): string | null {
  if (!(problem instanceof Error)) {
    return null;
  }
  const { name } = problem.constructor as { name?: unknown };
  return typeof name === "string" && name !== "" ? name : String(problem.name);
}

/** After a request: nothing of it goes on, and what it printed is out. */
function end(): void {
  try {
    cancelAll();
    flush();
  } finally {
    endLoading();
    resetTimers();
    resetLoop();
    native.resetExit();
  }
}

/** The code of a module, or the error object (JSON). */
export function compile(text: string): string {
  let request: { module: string; file: string; source: string };
  try {
    request = JSON.parse(text);
    if (typeof request.file !== "string" || typeof request.source !== "string") {
      throw new TypeError("file and source are strings");
    }
  } catch (problem) {
    return stringify(fields("internal", `bad request: ${headOf(problem)}`));
  }
  try {
    return native.compile(request.source, request.file);
  } catch (problem) {
    if (isOutOfMemory(problem)) {
      return stringify(OUT_OF_MEMORY);
    }
    return stringify(ofCompiling(problem, request.file, request.source));
  }
}

/** `said`, if there is any, holds instead of the problem's own place and message. */
function ofCompiling(problem: unknown, file: string, source: string, said?: Invalid["said"]): ErrorFields {
  const place = said ?? innermost(problem);
  if (place === undefined) {
    return fields("source_error", `${file}: ${headOf(problem)}`, classOf(problem), null, { file });
  }
  const { line, column } = place;
  const text = source.split("\n", line)[line - 1] ?? "";
  const shown = text.length > 200 ? "" : `\n    ${text.trim()}\n    ${" ".repeat(Math.max(0, column - 1 - (text.length - text.trimStart().length)))}^`;
  const message = `${file}:${line}:${column}: ${said?.message ?? messageOf(problem)}${shown}`;
  return fields("source_error", message, classOf(problem), null, { file, line, column });
}
