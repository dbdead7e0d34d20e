/**
 * The package's errors.
 *
 *     CapsuleError
 *     ├── TaskError            a task failed; one subclass for each `error.type` of the protocol
 *     │   ├── TaskTimeout, OutOfFuel, OutOfMemory, StackOverflow, TaskExit
 *     │   ├── InvalidArguments, InvalidResult, PolicyDenied, TaskNotFound, SourceError
 *     │   ├── Cancelled, Overloaded, WorkerLost, InternalError
 *     │   └── ToolError        inside a sandbox: a tool failed
 *     ├── OptionError          an option or parameter was refused
 *     ├── ProgramError         a task was declared where Capsule cannot run it from
 *     ├── SessionError         a session is closed, or cannot be opened or forked
 *     ├── WorkflowError, StepError, …  of workflows: see workflowerrors.ts
 *     └── SidecarError         the sidecar cannot be found, started or understood
 *         └── SidecarLost      it died while a call was in flight
 */

import type { Envelope, ErrorType } from "./types.js";

type FailedEnvelope = Extract<Envelope, { success: false }>;

/** Base of all errors that Capsule raises. */
export class CapsuleError extends Error {
  override name = this.constructor.name;
}

/**
 * A task failed. This class itself if the task's own code threw; else one of the subclasses.
 *
 * What is printed of it (`stack`) names the task, what happened, and where inside the sandbox.
 */
export class TaskError extends CapsuleError {
  /** The protocol's `error.type`, such as `"task_error"` or `"timeout"`. */
  readonly type: ErrorType;
  /** Name of the exception's class inside the sandbox, such as `"RangeError"`. */
  readonly className: string | null;
  /** The stack inside the sandbox: the task's own frames only. */
  declare readonly traceback: string | null;
  /** Name of the task that failed. */
  readonly task: string | null;
  /** The whole outcome, with what the attempts cost. */
  declare readonly envelope: FailedEnvelope;

  constructor(envelope: FailedEnvelope) {
    super(envelope.error.message);
    this.type = envelope.error.type;
    this.className = envelope.error.class;
    this.task = envelope.execution.task_name;
    // Long, and repeated by others: they should not fill the terminal of who prints the error.
    Object.defineProperty(this, "traceback", { value: envelope.error.traceback });
    Object.defineProperty(this, "envelope", { value: envelope });
    describeInStack(this);
  }

  /** Which task failed and how, on one line, without the traceback. */
  get summary(): string {
    let what = this.message || this.type;
    if (this.type === "task_error" && this.className) {
      what = this.message ? `${this.className}: ${this.message}` : this.className;
    }
    return this.task ? `${this.task}: ${what}` : what;
  }
}

/** What the frames of this package have in their paths: they are of no use to who reads an error. */
export const OWN_FILES = decodeURI(new URL(".", import.meta.url).pathname);

/** Puts the summary and the sandbox's traceback at the head of what Node prints of the error. */
function describeInStack(error: TaskError): void {
  const frames = (error.stack ?? "")
    .split("\n")
    .filter((line) => /^ {4}at /.test(line) && !line.includes(OWN_FILES));
  let head = `${error.name}: ${error.summary}`;
  if (error.traceback) {
    const shown = error.traceback.trimEnd().replaceAll(/^/gm, "  ");
    head += `\n\nInside the sandbox:\n${shown}\n`;
  }
  Object.defineProperty(error, "stack", {
    value: [head, ...frames].join("\n"),
    writable: true,
    configurable: true,
    enumerable: false,
  });
}

/** An attempt took longer than the task's `timeout`. */
export class TaskTimeout extends TaskError {}

/** The task computed more than its `compute` allows. */
export class OutOfFuel extends TaskError {}

/** The task needed more memory than its `ram`. */
export class OutOfMemory extends TaskError {}

/** The task recursed too deeply. */
export class StackOverflow extends TaskError {}

/** The task called `process.exit`, `sys.exit` or the like. */
export class TaskExit extends TaskError {}

/** The arguments are not JSON, or do not fit the task's signature. */
export class InvalidArguments extends TaskError {}

/** The task's result is not JSON, or larger than its `maxResult`. */
export class InvalidResult extends TaskError {}

/** The task was denied something that it needs. */
export class PolicyDenied extends TaskError {}

/** The program has no task of that name. */
export class TaskNotFound extends TaskError {}

/** The program has a syntax error, or its top level failed in the sandbox. */
export class SourceError extends TaskError {}

/** The task was stopped by the end of what had started it. */
export class Cancelled extends TaskError {}

/** Too many tasks at once: nested too deeply, or no sandbox to be had. */
export class Overloaded extends TaskError {}

/** The process that ran the task died. The task may have run in part. */
export class WorkerLost extends TaskError {}

/** A fault of Capsule itself. */
export class InternalError extends TaskError {}

/**
 * A tool that a task called has failed; thrown in the sandbox, where the task may catch it.
 * `className` and `message` are those of the error that the tool threw.
 */
export class ToolError extends TaskError {}

/** An option or parameter was refused. */
export class OptionError extends CapsuleError {
  /** What was refused, such as `"timeout"`; named as in the protocol. */
  readonly field: string | null;
  /** The value that was given. */
  readonly value: unknown;
  /** What is allowed, in words or as a list. */
  readonly allowed: unknown;
  /** `FILE:LINE` of the task that says it; null if the caller passed it. */
  readonly where: string | null;

  constructor(
    message: string,
    details: {
      field?: string | null;
      value?: unknown;
      allowed?: unknown;
      where?: string | null;
    } = {},
  ) {
    const { field = null, value = null, allowed = null, where = null } = details;
    super(where !== null && !message.includes(where) ? `${where}: ${message}` : message);
    this.field = field;
    this.value = value;
    this.allowed = allowed;
    this.where = where;
  }
}

/** A session is closed, cannot be opened because there are too many, or cannot be forked. */
export class SessionError extends CapsuleError {}

/** A task was declared where Capsule cannot run it from, or two tools share a name. */
export class ProgramError extends CapsuleError {}

/** The sidecar cannot be found, started or understood. */
export class SidecarError extends CapsuleError {}

/**
 * The sidecar died while a call was in flight.
 *
 * The call is not repeated, because its task may already have done a part of its work; the next
 * call starts a new sidecar.
 */
export class SidecarLost extends SidecarError {
  /** Whether it may have read the request: false if it was gone before. */
  declare readonly sent: boolean;

  constructor(message: string, { sent = true }: { sent?: boolean } = {}) {
    super(message);
    Object.defineProperty(this, "sent", { value: sent }); // not a part of what is printed
  }
}

/** Whether it says that the sidecar was gone before it could have read the request. */
export function isUnsent(error: unknown): error is SidecarLost {
  return error instanceof SidecarLost && !error.sent;
}

/** A call that is ended before it begins, as if by the sidecar. Never leaves the package. */
export class Refusal extends Error {
  constructor(
    readonly type: ErrorType,
    message: string,
  ) {
    super(message);
  }
}

const CLASSES: Record<ErrorType, new (envelope: FailedEnvelope) => TaskError> = {
  timeout: TaskTimeout,
  out_of_fuel: OutOfFuel,
  out_of_memory: OutOfMemory,
  stack_overflow: StackOverflow,
  exit: TaskExit,
  task_error: TaskError,
  invalid_arguments: InvalidArguments,
  invalid_result: InvalidResult,
  policy_denied: PolicyDenied,
  task_not_found: TaskNotFound,
  source_error: SourceError,
  cancelled: Cancelled,
  overloaded: Overloaded,
  worker_lost: WorkerLost,
  internal: InternalError,
};

/** Every `error.type` that this version knows. */
export const ERROR_TYPES = Object.keys(CLASSES) as ErrorType[];

/** The error for the envelope of a failed task. A type that this version does not know becomes a plain `TaskError`. */
export function taskError(envelope: FailedEnvelope): TaskError {
  const known = Object.hasOwn(CLASSES, envelope.error.type);
  return new (known ? CLASSES[envelope.error.type] : TaskError)(envelope);
}
