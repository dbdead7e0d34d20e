/** The records of the protocol that workflows are made of; as `wire.ts`. */

import {
  boolean,
  integer,
  json,
  list,
  nullable,
  type Of,
  record,
  string,
  TaskFailure,
} from "./wire.js";

// ---- what the client sends

export const OpenWorkflowParams = record({
  id: string,
  root: string,
  file: nullable(string),
  config: nullable(string),
  durability: nullable(string),
  onChange: nullable(string),
  command: nullable(list(string)),
  folder: nullable(string),
  input: json,
  fresh: nullable(boolean),
  replay: nullable(boolean),
  traceparent: nullable(string),
  tracestate: nullable(string),
});

export const BeginStepParams = record({
  workflow: string,
  name: string,
  args: json,
  occurrence: nullable(integer),
});

export const EndStepParams = record({
  workflow: string,
  step: string,
  success: boolean,
  result: json,
  error: nullable(TaskFailure),
});

export const RecordStepParams = record({
  workflow: string,
  name: string,
  args: json,
  result: json,
  occurrence: nullable(integer),
});

export const ReplayStepsParams = record({ workflow: string, after: nullable(integer) });

export const CloseWorkflowParams = record({
  workflow: string,
  outcome: string,
  result: json,
  error: nullable(TaskFailure),
  failedSteps: nullable(list(string)),
});

export const WorkflowReplayed = record({ workflow: string, steps: list(string) });

// ---- what the sidecar answers

export const OpenWorkflowResult = record({
  workflow: nullable(string),
  state: string,
  result: json,
  steps: integer,
  runs: integer,
});

/** A workflow as it was opened. */
export type Opened = Of<typeof OpenWorkflowResult>;

export const BeginStepResult = record({
  step: string,
  done: boolean,
  success: nullable(boolean),
  result: json,
  error: nullable(TaskFailure),
});

export const RecordStepResult = record({ result: json });

export const ReplayedStep = record({ key: string, reply: string });

export const ReplayStepsResult = record({ steps: list(ReplayedStep), next: nullable(integer) });

export const JournalErrorData = record({ kind: string, journal: string });

export const StepName = record({ kind: string, name: string, args: string });

export const ReplayMismatchData = record({ workflow: string, recorded: StepName, asked: StepName });

// ---- notifications of the sidecar

export const WorkflowRevoked = record({
  workflow: string,
  id: string,
  reason: string,
  message: string,
});
