/** What programs catch: the errors of `@capsule/sdk`. Outside a sandbox sdk-typescript has classes of the same names. */

import { type ErrorFields, OperationFailure } from "./failure.ts";

/** Base of all errors that Capsule throws. */
export class CapsuleError extends Error {}

/** A task failed: this class itself if the task's own code threw, else one of the subclasses. */
export class TaskError extends CapsuleError {
  /** The protocol's `error.type`. */
  readonly type: string;
  /** Name of the exception's class in the task's sandbox. */
  readonly className: string | null;
  /** The stack in the task's sandbox. */
  readonly traceback: string | null;
  /** Name of the task that failed. */
  readonly task: string | null;

  constructor(fields: Partial<ErrorFields> & { message: string }, task: string | null = null) {
    super(fields.message);
    this.type = fields.type ?? "internal";
    this.className = fields.class ?? null;
    this.traceback = fields.traceback ?? null;
    this.task = fields.task ?? task;
  }

  /** Which task failed and how, on one line. */
  get summary(): string {
    let what = this.message || this.type;
    if (this.type === "task_error" && this.className) {
      what = this.message ? `${this.className}: ${this.message}` : this.className;
    }
    return this.task ? `${this.task}: ${what}` : what;
  }
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

/** The task was stopped. */
export class Cancelled extends TaskError {}

/** Too many tasks at once: nested too deeply, or no sandbox to be had. */
export class Overloaded extends TaskError {}

/** The process that ran the task died. The task may have run in part. */
export class WorkerLost extends TaskError {}

/** A fault of Capsule itself. */
export class InternalError extends TaskError {}

/** A tool failed: `className` and `message` are those of what it threw in the user's process. */
export class ToolError extends TaskError {}

// Not thrown in here; programs name them in the code that they run outside.

/** Outside: an option or parameter was refused. */
export class OptionError extends CapsuleError {}

/** Outside: a session is closed, or cannot be opened or forked. */
export class SessionError extends CapsuleError {}

/** Outside: a task was declared where Capsule cannot run it from. */
export class ProgramError extends CapsuleError {}

/** Outside: the sidecar cannot be found, started or understood. */
export class SidecarError extends CapsuleError {}

/** Outside: the sidecar died while a call was in flight. */
export class SidecarLost extends SidecarError {}

/** Outside: a step that the program carries out itself has failed. */
export class StepError extends CapsuleError {}

/** Outside: a workflow is used where or how it cannot be. */
export class WorkflowError extends CapsuleError {}

/** Outside: the workflow runs elsewhere. */
export class WorkflowBusy extends WorkflowError {}

/** Outside: someone has cancelled the workflow. */
export class WorkflowCancelled extends WorkflowError {}

/** Outside: the program no longer does what the journal has of it. */
export class ReplayMismatch extends WorkflowError {}

/** Outside: the journal cannot be written, read or trusted. */
export class JournalError extends WorkflowError {}

type TaskErrorClass = new (fields: ErrorFields, task: string | null) => TaskError;

const CLASSES: Readonly<Record<string, TaskErrorClass>> = {
  __proto__: null as never,
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

const NAMED = {
  ...CLASSES,
  ...{ CapsuleError, ToolError, OptionError, ProgramError, SessionError, SidecarError, SidecarLost },
  ...{ StepError, WorkflowError, WorkflowBusy, WorkflowCancelled, ReplayMismatch, JournalError },
};
for (const each of Object.values(NAMED)) {
  Object.defineProperty(each.prototype, "name", { value: each.name, writable: true, configurable: true });
}

/** The exception for a failed operation; `failed` is its class if the other side's own code threw. */
export function fromFailure(failure: unknown, task: string, failed: TaskErrorClass = TaskError): unknown {
  if (!(failure instanceof OperationFailure)) {
    return failure;
  }
  const { fields } = failure;
  const found = fields.type === "task_error" ? failed : (CLASSES[fields.type] ?? TaskError);
  return new found(fields, task);
}
