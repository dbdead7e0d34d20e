/** The test vectors of the protocol, which Java and Python read and write as well. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as errors from "../src/errors.js";
import * as sessions from "../src/sessionwire.js";
import { stepKey, taskKey } from "../src/stepkeys.js";
import * as wire from "../src/wire.js";
import * as workflows from "../src/workflowwire.js";
import { CHECKOUT } from "./helpers.js";
import { parseLossless, writeLossless } from "./lossless.js";

const { list, nullable, integer, json, record, string } = wire;
const FOLDER = join(CHECKOUT, "protocol/vectors");

// Of requests that this package never makes.
const DescribeConfigParams = record({
  root: string,
  file: nullable(string),
  language: nullable(string),
  config: nullable(string),
});
const Setting = record({ name: string, value: json, origin: string });
const TaskSettings = record({ name: string, file: string, line: integer, settings: list(Setting) });
const DescribeConfigResult = record({
  config: nullable(string),
  name: nullable(string),
  version: nullable(string),
  entrypoint: nullable(string),
  dependencies: list(string),
  defaults: list(Setting),
  tasks: list(TaskSettings),
  ceiling: list(Setting),
});

const ListTracesParams = record({
  root: string,
  config: nullable(string),
  limit: nullable(integer),
  failed: nullable(wire.boolean),
});
const TraceSummary = record({
  trace_id: string,
  run_id: nullable(string),
  workflow_id: nullable(string),
  name: string,
  start: wire.longInteger,
  duration_ns: nullable(wire.longInteger),
  status: string,
  spans: integer,
  error: nullable(string),
});
const ListTracesResult = record({ folder: string, traces: list(TraceSummary) });
const ReadTraceParams = record({ root: string, config: nullable(string), run: string });
const SpanEvent = record({ time: wire.longInteger, name: string, attributes: wire.object });
const Span = record({
  trace_id: string,
  span_id: string,
  parent_id: nullable(string),
  kind: string,
  name: string,
  start: wire.longInteger,
  duration_ns: wire.longInteger,
  status: string,
  attributes: wire.object,
  events: list(SpanEvent),
});
const ReadTraceResult = record({ spans: list(Span), left_out: integer });
const SetTraceParams = record({ value: string });
const TraceSpans = record({ spans: list(Span), dropped: integer });
const StepCounts = record({ finished: integer, failed: integer, started: integer });
const WorkflowInfo = record({
  ...{ id: string, state: string, program: string, folder: string, command: list(string) },
  ...{ runs: integer, owner: nullable(string), created: string, updated: string },
  ...{ ended: nullable(string), steps: StepCounts, error: nullable(wire.TaskFailure) },
});
const StepInfo = record({
  ...{ step: string, parent: nullable(string), kind: string, name: string, args: string },
  ...{ state: string, began: string, ended: nullable(string), result: json },
  ...{ error: nullable(wire.TaskFailure), execution: json },
});
const ROOT = { root: string, config: nullable(string) };
const OF_WORKFLOWS = {
  CancelWorkflowResult: record({ state: string }),
  DescribeWorkflowResult: record({ workflow: WorkflowInfo, steps: list(StepInfo) }),
  FindWorkflowParams: record({ ...ROOT, id: string }),
  ListWorkflowsParams: record({
    ...ROOT,
    states: nullable(list(string)),
    limit: nullable(integer),
  }),
  ListWorkflowsResult: record({ journal: string, workflows: list(WorkflowInfo) }),
  RemoveWorkflowsParams: record({
    ...ROOT,
    ...{ id: nullable(string), olderThan: nullable(string), states: nullable(list(string)) },
  }),
  RemoveWorkflowsResult: record({ removed: list(string) }),
  StepCounts,
  StepInfo,
  WorkflowInfo,
};

const OF_SESSIONS = {
  ...sessions,
  InspectCodeResult: record({ text: string }),
  SessionInfo: record({
    ...{ session_id: string, name: nullable(string), language: string, cells: integer },
    ...{ idle_ms: integer, memory_bytes: integer },
  }),
};

const RECORDS: Record<string, wire.Reader<unknown>> = {
  CallToolParams: wire.CallToolParams,
  CallToolResult: wire.CallToolResult,
  CancelParams: wire.CancelParams,
  ClientInfo: wire.ClientInfo,
  DescribeConfigParams,
  DescribeConfigResult,
  Envelope: wire.Envelope,
  Execution: wire.Execution,
  HostRequest: wire.HostRequest,
  InitializeParams: wire.InitializeParams,
  InitializeResult: wire.InitializeResult,
  InvalidParamData: wire.InvalidParamData,
  Limits: wire.Limits,
  ListTracesParams,
  ListTracesResult,
  LoadProgramParams: wire.LoadProgramParams,
  LoadProgramResult: wire.LoadProgramResult,
  ProgramProgress: wire.ProgramProgress,
  ReadTraceParams,
  ReadTraceResult,
  RunTaskParams: wire.RunTaskParams,
  SetTraceParams,
  Setting,
  SourceErrorData: wire.SourceErrorData,
  Span,
  SpanEvent,
  TaskFailure: wire.TaskFailure,
  TaskFinished: wire.TaskFinished,
  TaskInfo: wire.TaskInfo,
  TaskOutput: wire.TaskOutput,
  TaskQueued: wire.TaskQueued,
  TaskSettings,
  TaskStarted: wire.TaskStarted,
  TraceOptions: wire.TraceOptions,
  TraceSpans,
  TraceSummary,
  UnknownProgramData: wire.UnknownProgramData,
  ...OF_WORKFLOWS,
  ...OF_SESSIONS,
  ...workflows,
};

interface Vectors {
  canonical: unknown[];
  accepted: { json: unknown; canonical: unknown }[];
  invalid: { why: string; json: unknown }[];
  values: unknown;
}

function vectors(name: string): Vectors {
  return parseLossless(readFileSync(join(FOLDER, `${name}.json`), "utf8")) as Vectors;
}

describe.each(Object.entries(RECORDS))("%s", (name, read) => {
  const { canonical, accepted, invalid } = vectors(name);

  test("canonical documents are read and written identically", () => {
    expect(canonical).not.toHaveLength(0);
    for (const document of canonical) {
      expect(writeLossless(read(document, name))).toBe(writeLossless(document));
    }
  });

  test("accepted documents are written in their canonical form", () => {
    for (const document of accepted) {
      expect(writeLossless(read(document.json, name))).toBe(writeLossless(document.canonical));
    }
  });

  test("invalid documents are refused", () => {
    expect(invalid).not.toHaveLength(0);
    for (const document of invalid) {
      expect(() => read(document.json, name), document.why).toThrow(wire.WireError);
    }
  });
});

test("keys of steps", () => {
  const { tasks, others } = JSON.parse(readFileSync(join(FOLDER, "keys/steps.json"), "utf8"));
  for (const { module, name, args, kwargs, occurrence, key } of tasks) {
    if (!args.includes("1.0")) {
      // this package writes it as 1
      expect(taskKey(module, name, args, kwargs, occurrence), args).toBe(key);
    }
  }
  for (const { kind, name, args, occurrence, key } of others) {
    expect(stepKey(kind, name, args, occurrence), args).toBe(key);
  }
});

test("every record of the protocol is here", () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));
  const known = [...Object.keys(RECORDS), "ErrorType", "ErrorCode"].map((name) => `${name}.json`);
  expect(files.sort()).toEqual(known.sort());
});

test("each type of error has its class, and no other has", () => {
  const types = vectors("ErrorType").values as string[];
  expect([...errors.ERROR_TYPES].sort()).toEqual([...types].sort());
});
