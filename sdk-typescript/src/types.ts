/** The shapes of what goes in and comes out: options, and the envelope. No behaviour. */

import type { Capsule } from "./client.js";
import type { Task, TaskRef } from "./task.js";
import type { Tool } from "./tool.js";

/** A folder or file that a task may use. */
export interface FileGrant {
  path: string;
  /** Default: `"read-write"`. */
  mode?: "read-only" | "ro" | "read-write" | "rw";
}

/** `error.type` of an envelope; what each means: docs/limits.md. */
export type ErrorType =
  | "timeout"
  | "out_of_fuel"
  | "out_of_memory"
  | "stack_overflow"
  | "exit"
  | "task_error"
  | "invalid_arguments"
  | "invalid_result"
  | "policy_denied"
  | "task_not_found"
  | "source_error"
  | "cancelled"
  | "overloaded"
  | "worker_lost"
  | "internal";

/** How much a task may compute: a level, or units of fuel. */
export type Compute = "LOW" | "MEDIUM" | "HIGH" | (string & {}) | number;

/**
 * A function whose own types are kept. Not `(...args: unknown[]) => unknown`, which would be taken
 * for the types of parameters that have none but a default.
 */
// biome-ignore lint/complexity/noBannedTypes: nothing narrower leaves inference alone
export type AnyFunction = Function;

// biome-ignore lint/suspicious/noExplicitAny: any tool, whatever it takes and gives
export type AnyTool = Tool<any[], any>;
// biome-ignore lint/suspicious/noExplicitAny: any task, whatever it takes and gives
export type AnyTask = Task<any[], any> | TaskRef<any[], any>;

/** The limits and grants of a task. */
export interface Limits {
  /** How much it may compute: `"LOW"`, `"MEDIUM"` (default), `"HIGH"`, or units of fuel. */
  compute?: Compute;
  /** Memory: bytes, or a size such as `"512MB"`. Default `"256MB"`. */
  ram?: string | number;
  /** Time of one attempt: seconds, or a duration such as `"500ms"`. Default `"5m"`. */
  timeout?: string | number;
  /** How often a failed attempt is repeated, 0 (default) to 100. */
  maxRetries?: number;
  /** Types of failure after which it is repeated, if `maxRetries` allows. */
  retryOn?: readonly ErrorType[];
  /** Size of stdout and stderr together; what is beyond is dropped. Default `"64MB"`. */
  maxOutput?: string | number;
  /** Size of the result's JSON. Default `"32MB"`. */
  maxResult?: string | number;
  /** Size of what it may write to files in one attempt. Default `"256MB"`. */
  maxDisk?: string | number;
  /** Folders and files it may use: `"PATH"`, `"HOST::GUEST"`, either with `:ro` or `:rw`. */
  allowedFiles?: readonly (string | FileGrant)[];
  /** Hosts it may send HTTP requests to: `"api.example.com"`, `"*.example.com"`, with `:port` or `https://`, or `"*"`. */
  allowedHosts?: readonly string[];
  /** Names of the environment variables that it may see. */
  envVariables?: readonly string[];
  /** Functions of the host, made by `tool()`, that it may call; or their names. */
  tools?: readonly (AnyTool | string)[];
  /** Tasks that it may call; default: all of its program. */
  tasks?: readonly (AnyTask | string)[];
}

/** The options of `task()`. They are read from the source, in a sandbox without any rights. */
export interface TaskOptions extends Limits {
  /** The task's name; default: the function's. */
  name?: string;
  /**
   * `import.meta.url` of the module that the task is in. Needed only where that cannot be told
   * from the call stack, as in an application that was bundled into one file.
   */
  module?: string;
}

/** What no task of a run may exceed, whatever its own options say. What is absent is not bounded. */
export interface Ceiling {
  compute?: Compute;
  ram?: string | number;
  timeout?: string | number;
  maxRetries?: number;
  maxOutput?: string | number;
  maxResult?: string | number;
  maxDisk?: string | number;
  /** Folders and files that grants must lie in, relative to the current folder; `:ro` forbids writing. `[]`: no files. */
  allowedFiles?: readonly (string | FileGrant)[];
  /** Hosts that grants must be among. */
  allowedHosts?: readonly string[];
  /** Environment variables that grants must be among. */
  envVariables?: readonly string[];
  /** Tools that grants must be among. */
  tools?: readonly (AnyTool | string)[];
  /** `false`: no hosts, as `allowedHosts: []`. */
  network?: boolean;
}

/** A piece of what a task printed. */
export interface OutputEvent {
  stream: "stdout" | "stderr";
  /** Cut at any point, but never inside a character. */
  text: string;
  /** Name of the task that printed it: the one called, or one that it called. */
  task: string;
  /** Id of its run. */
  run: string;
}

/** The caller's options of one call; limits and grants win over the task's own. */
export interface CallOptions extends Limits {
  /** Stops the task, and all that it started, when it aborts; the call rejects with its reason. */
  signal?: AbortSignal;
  /** Folders that it may use besides its `allowedFiles`: `HOST[::GUEST][:ro|:rw]`. */
  mounts?: readonly (string | FileGrant)[];
  /** What neither the task nor any task that it calls may exceed. */
  ceiling?: Ceiling;
  /** Takes what the task prints; default: this process's stdout and stderr. */
  onOutput?: (event: OutputEvent) => void;
  /** The sidecar to run it in; default: one that all calls of this process share. */
  client?: Capsule;
}

/** What `run()` takes. */
export interface RunOptions extends CallOptions {
  /** The program's entry module, in any language that the sidecar knows. It is read anew at each run. */
  file: string | URL;
  /** The task's arguments, in order. */
  args?: readonly unknown[];
  /** Arguments by name. A task in JavaScript gets them as one last object. */
  kwargs?: Readonly<Record<string, unknown>>;
  /** Which task; default: `main`, or the only one. */
  task?: string;
  /** The folder that a relative `file` and relative mounts start at; default: the current one. */
  cwd?: string;
}

/** An HTTP request that a task made through the host. */
export interface HostRequest {
  method: string;
  /** Without user and password, and with the values of its environment variables blotted out. */
  url: string;
  status: number | null;
  /** Of both bodies, sent and received. */
  bytes: number;
  duration_ms: number;
  /** Why there was no answer, or no whole one. */
  error: string | null;
}

/** What a task was held to, when all who have a say have said it. */
export interface AppliedLimits {
  fuel: number;
  /** Bytes. */
  ram: number;
  timeout_ms: number;
  /** Options that asked for more than the ceiling allows, by their names in the protocol. */
  lowered: string[];
}

/** What a run cost. Names are the protocol's. */
export interface Execution {
  task_name: string | null;
  /** Milliseconds from acceptance to the end, waiting and retries included. */
  duration_ms: number;
  /** Retries that happened. */
  retries: number;
  /** A `bigint` beyond 2^53. */
  fuel_consumed: number | bigint | null;
  /** Bytes: the highest size of the sandbox's memory. */
  ram_used: number | null;
  host_requests: HostRequest[];
  /** What it was held to; null if it never came to that. */
  limits: AppliedLimits | null;
  run_id: string | null;
  trace_id: string | null;
  /** Of a workflow's step: the same whenever it runs again. */
  step_id: string | null;
  /** Whether the outcome was written down in an earlier run, and nothing was run now. */
  replayed: boolean;
}

/** Why a task failed. */
export interface TaskFailure {
  type: ErrorType;
  message: string;
  /** Name of the exception's class, such as `"RangeError"`. */
  class: string | null;
  /** The task's own frames only. */
  traceback: string | null;
}

/** The whole outcome of a task. */
export type Envelope<R = unknown> =
  | { success: true; result: R; error: null; execution: Execution }
  | { success: false; result: null; error: TaskFailure; execution: Execution };
