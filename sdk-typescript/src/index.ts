/**
 * Capsule runs the tasks of AI agents, each in its own WebAssembly sandbox.
 *
 *     import { task } from "@capsule/sdk";
 *
 *     const wordCount = task({ name: "wordCount", timeout: "30s" }, (text: string) => {
 *       return text.split(/\s+/).length; // in a fresh sandbox, without files or network
 *     });
 *
 *     await wordCount("to be or not to be"); // 6
 */

export {
  type CellResult,
  type Part,
  runJavaScript,
  runPython,
  type SnippetOptions,
} from "./cells.js";
export { Capsule, type CapsuleOptions, close } from "./client.js";
export {
  Cancelled,
  CapsuleError,
  InternalError,
  InvalidArguments,
  InvalidResult,
  OptionError,
  OutOfFuel,
  OutOfMemory,
  Overloaded,
  PolicyDenied,
  ProgramError,
  SessionError,
  SidecarError,
  SidecarLost,
  SourceError,
  StackOverflow,
  TaskError,
  TaskExit,
  TaskNotFound,
  TaskTimeout,
  ToolError,
  WorkerLost,
} from "./errors.js";
export { run } from "./run.js";
export type { Schema } from "./schema.js";
export { type Context, context } from "./scope.js";
export {
  type CellOptions,
  type Completion,
  type FileInfo,
  Session,
  type SessionOptions,
} from "./session.js";
export { step } from "./step.js";
export { type Task, type TaskOf, type TaskRef, task, taskRef } from "./task.js";
export { type Tool, type ToolOf, type ToolOptions, tool } from "./tool.js";
export { type ToolContext, toolContext } from "./toolserver.js";
export type {
  AnyFunction,
  AppliedLimits,
  CallOptions,
  Ceiling,
  Compute,
  Envelope,
  ErrorType,
  Execution,
  FileGrant,
  HostRequest,
  Limits,
  OutputEvent,
  RunOptions,
  TaskFailure,
  TaskOptions,
} from "./types.js";
export { inSandbox, version } from "./version.js";
export { type Workflow, type WorkflowOptions, workflow } from "./workflow.js";
export {
  JournalError,
  ReplayMismatch,
  StepError,
  type StepName,
  WorkflowBusy,
  WorkflowCancelled,
  WorkflowError,
} from "./workflowerrors.js";
