/**
 * The errors of workflows, and how the sidecar's error replies become them.
 *
 *     WorkflowError            a workflow is used where or how it cannot be
 *     ├── WorkflowBusy         it runs elsewhere at this moment
 *     ├── WorkflowCancelled    someone has cancelled it
 *     ├── ReplayMismatch       the program no longer does what the journal has of it
 *     └── JournalError         the journal cannot be written, read or trusted
 *     StepError                a step of the program's own has failed
 */

import { CapsuleError } from "./errors.js";
import type { TaskFailure } from "./types.js";
import { WireError } from "./wire.js";
import { JournalErrorData, ReplayMismatchData } from "./workflowwire.js";

/** A workflow is used where or how it cannot be; or one of the subclasses says what happened. */
export class WorkflowError extends CapsuleError {}

/** The workflow runs at this moment, in another process or another part of this one. */
export class WorkflowBusy extends WorkflowError {}

/**
 * Someone has cancelled the workflow, as by `capsule cancel ID`. It does not run again until it is
 * resumed, as by `capsule resume ID`.
 */
export class WorkflowCancelled extends WorkflowError {}

/** A step as the journal has it, or as the program asks for it. `args` may be shortened. */
export interface StepName {
  readonly kind: string;
  readonly name: string;
  readonly args: string;
}

/**
 * The program no longer does what the journal has of it: it was changed, or is not the same each
 * time, as by a random number that `wf.random()` did not draw. What follows is the choice of
 * `onChange`.
 */
export class ReplayMismatch extends WorkflowError {
  /** The workflow's id. */
  readonly workflow: string | null;
  /** The step in the journal. */
  readonly recorded: StepName | null;
  /** The step that the program asks for now. */
  readonly asked: StepName | null;

  constructor(
    message: string,
    details: { workflow?: string; recorded?: StepName; asked?: StepName } = {},
  ) {
    super(message);
    this.workflow = details.workflow ?? null;
    this.recorded = details.recorded ?? null;
    this.asked = details.asked ?? null;
  }
}

/** The journal cannot be written, read or trusted; what it holds is not lost by that. */
export class JournalError extends WorkflowError {
  /**
   * `"full"`, `"read_only"`, `"damaged"`, `"newer"`, `"unavailable"`, or `"lost"`: another process
   * has taken the workflow over.
   */
  readonly kind: string;
  /** Where the journal is: a file, or a server's address. */
  readonly journal: string | null;

  constructor(message: string, kind = "unavailable", journal: string | null = null) {
    super(message);
    this.kind = kind;
    this.journal = journal;
  }
}

/**
 * A step of the program's own has failed, in this run or in an earlier one. It is the same in each
 * run of the workflow, so that what catches it is, too. In the run in which the step failed its
 * `cause` is what was thrown.
 */
export class StepError extends CapsuleError {
  /** Name of the step. */
  readonly step: string;
  /** Name of the error's class, such as `"RangeError"`. */
  readonly className: string | null;
  /** The error's stack, as text. */
  declare readonly traceback: string | null;
  /** The step's id, as of `context().stepId`. */
  readonly stepId: string;

  constructor(step: string, failure: TaskFailure, stepId: string, options?: ErrorOptions) {
    const what = [failure.class, failure.message].filter(Boolean).join(": ");
    super(`the step "${step}": ${what || "failed"}`, options);
    this.step = step;
    this.className = failure.class;
    this.stepId = stepId;
    // Long: it should not fill the terminal of who prints the error.
    Object.defineProperty(this, "traceback", { value: failure.traceback });
    if (options === undefined && failure.traceback) {
      const shown = failure.traceback.trimEnd().replaceAll(/^/gm, "  ");
      const frames = (this.stack ?? "").split("\n").filter((line) => /^ {4}at /.test(line));
      const head = `${this.name}: ${this.message}\n\nIn the run that recorded it:\n${shown}\n`;
      this.stack = [head, ...frames].join("\n");
    }
  }
}

const JOURNAL_ERROR = -32013;
const REPLAY_MISMATCH = -32014;

/** The error for an error reply; undefined if it does not speak of a workflow. */
export function ofReply(code: number, message: string, data: unknown): WorkflowError | undefined {
  try {
    if (code === JOURNAL_ERROR) {
      const { kind, journal } = JournalErrorData(data, "data");
      return ofKind(kind, message, journal);
    }
    return code === REPLAY_MISMATCH
      ? new ReplayMismatch(message, ReplayMismatchData(data, "data"))
      : undefined;
  } catch (error) {
    if (error instanceof WireError) {
      return new WorkflowError(message);
    }
    throw error;
  }
}

/** The error for one of the journal's kinds. */
export function ofKind(kind: string, message: string, journal?: string): WorkflowError {
  switch (kind) {
    case "busy":
      return new WorkflowBusy(message);
    case "cancelled":
      return new WorkflowCancelled(message);
    default:
      return new JournalError(message, kind, journal);
  }
}
