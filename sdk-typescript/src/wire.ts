/**
 * The records of the protocol that this package reads and writes (docs/protocol.md), field by field.
 * The same test vectors hold for Java and Python: protocol/vectors.
 *
 * Reading checks what came: fields that are missing count as null, unknown ones are left out.
 * Writing keeps the order that is written here.
 */

import type { ErrorType } from "./types.js";

/** Something was received that is not what the protocol says. */
export class WireError extends Error {}

/** Reads a value at a path. Throws `WireError`. */
export type Reader<T> = (value: unknown, path: string) => T;

/** What a reader gives. */
export type Of<R> = R extends Reader<infer T> ? T : never;

function primitive<T>(expected: string, fits: (value: unknown) => boolean): Reader<T> {
  return (value, path) => {
    if (!fits(value)) {
      throw new WireError(`${path} is not ${expected}`);
    }
    return value as T;
  };
}

export const string = primitive<string>("a string", (value) => typeof value === "string");
export const boolean = primitive<boolean>("a boolean", (value) => typeof value === "boolean");
export const integer = primitive<number>("an integer", Number.isSafeInteger);
export const longInteger = primitive<number | bigint>(
  "an integer",
  (value) => typeof value === "bigint" || Number.isSafeInteger(value),
);
/** Any value, null included. */
export const json: Reader<unknown> = (value) => value ?? null;
export const object = primitive<Record<string, unknown>>("an object", isObject);

export function nullable<T>(reader: Reader<T>): Reader<T | null> {
  return (value, path) => (value === undefined || value === null ? null : reader(value, path));
}

export function list<T>(reader: Reader<T>): Reader<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) {
      throw new WireError(`${path} is not an array`);
    }
    return value.map((item, index) => reader(item, `${path}[${index}]`));
  };
}

export function table<T>(reader: Reader<T>): Reader<Record<string, T>> {
  return (value, path) =>
    Object.fromEntries(
      Object.entries(object(value, path)).map(([key, item]) => [
        key,
        reader(item, `${path}.${key}`),
      ]),
    );
}

export function record<F extends Record<string, Reader<unknown>>>(
  fields: F,
): Reader<{ [K in keyof F]: Of<F[K]> }> {
  const readers = Object.entries(fields);
  return (value, path) => {
    const given = object(value, path);
    const read: Record<string, unknown> = {};
    for (const [name, reader] of readers) {
      read[name] = reader(Object.hasOwn(given, name) ? given[name] : null, `${path}.${name}`);
    }
    return read as { [K in keyof F]: Of<F[K]> };
  };
}

/** What the reader gives; `otherwise` where the value is not what it reads. */
export function readOr<T, D>(reader: Reader<T>, value: unknown, otherwise: D): T | D {
  try {
    return reader(value, "data");
  } catch (error) {
    if (error instanceof WireError) {
      return otherwise;
    }
    throw error;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// ---- what the client sends

export const ClientInfo = record({ name: string, version: nullable(string) });

export const TraceOptions = record({ store: nullable(boolean) });

export const InitializeParams = record({
  processId: nullable(integer),
  clientInfo: nullable(ClientInfo),
  languages: nullable(list(string)),
  trace: nullable(TraceOptions),
});

export const LoadProgramParams = record({
  language: string,
  root: string,
  module: string,
  file: string,
  source: nullable(string),
  config: nullable(string),
});

export const RunTaskParams = record({
  program: string,
  task: nullable(string),
  args: json,
  kwargs: json,
  options: json,
  ceiling: json,
  tools: nullable(list(string)),
  env: nullable(table(string)),
  run: nullable(string),
  events: nullable(list(string)),
  traceparent: nullable(string),
  tracestate: nullable(string),
  workflow: nullable(string),
  main: nullable(boolean),
  occurrence: nullable(integer),
});

export const CancelParams = record({ id: json });

// ---- what the sidecar answers

export const InitializeResult = record({
  protocolVersion: string,
  serverInfo: nullable(ClientInfo),
  languages: nullable(list(string)),
  maxMessageBytes: nullable(integer),
});

export const TaskInfo = record({
  name: string,
  function: string,
  file: string,
  line: integer,
  signature: string,
  options: object,
});

export const LoadProgramResult = record({
  program: string,
  entry: nullable(string),
  tasks: list(TaskInfo),
  env: list(string),
});

export const TaskFailure = record({
  type: string as Reader<ErrorType>,
  message: string,
  class: nullable(string),
  traceback: nullable(string),
});

export const HostRequest = record({
  method: string,
  url: string,
  status: nullable(integer),
  bytes: integer,
  duration_ms: integer,
  error: nullable(string),
});

export const Limits = record({
  fuel: integer,
  ram: integer,
  timeout_ms: integer,
  lowered: list(string),
});

export const Execution = record({
  task_name: nullable(string),
  duration_ms: integer,
  retries: integer,
  fuel_consumed: nullable(longInteger),
  ram_used: nullable(integer),
  host_requests: list(HostRequest),
  limits: nullable(Limits),
  run_id: nullable(string),
  trace_id: nullable(string),
  step_id: nullable(string),
  replayed: boolean,
});

export const Envelope = record({
  success: boolean,
  result: json,
  error: nullable(TaskFailure),
  execution: Execution,
});

export const InvalidParamData = record({
  field: nullable(string),
  value: json,
  allowed: json,
  where: nullable(string),
});

export const SourceErrorData = record({
  type: string,
  message: string,
  class: nullable(string),
  traceback: nullable(string),
  file: nullable(string),
  line: nullable(integer),
  column: nullable(integer),
});

export const UnknownProgramData = record({ program: string });

// ---- tools

export const CallToolParams = record({
  run: string,
  root: string,
  task: string,
  tool: string,
  args: json,
  kwargs: json,
  traceparent: nullable(string),
  tracestate: nullable(string),
  step: nullable(string),
});

export const CallToolResult = record({ result: json, error: nullable(TaskFailure) });

// ---- notifications of the sidecar

const RUN = { run: string, parent: nullable(string), task: string };

export const TaskQueued = record(RUN);
export const TaskStarted = record({ ...RUN, attempt: integer });
export const TaskOutput = record({ ...RUN, stream: string, text: string });
export const TaskFinished = record({
  ...RUN,
  success: boolean,
  error_type: nullable(string),
  duration_ms: integer,
});
export const ProgramProgress = record({ message: string });
