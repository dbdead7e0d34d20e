/** The records of the protocol that snippets and sessions are made of; as `wire.ts`. */

import {
  boolean,
  Execution,
  integer,
  json,
  list,
  nullable,
  type Reader,
  record,
  string,
  TaskFailure,
  table,
} from "./wire.js";

const SESSION = { session_id: string };
const SPACE = {
  root: nullable(string),
  config: nullable(string),
  options: json,
  ceiling: json,
  tools: nullable(list(string)),
  env: nullable(table(string)),
};
const RUN = {
  run: nullable(string),
  events: nullable(list(string)),
  traceparent: nullable(string),
  tracestate: nullable(string),
};

// ---- what the client sends

export const RunSnippetParams = record({
  language: string,
  code: string,
  file: nullable(string),
  ...SPACE,
  ...RUN,
});

export const OpenSessionParams = record({
  language: string,
  name: nullable(string),
  ...SPACE,
  idle_timeout: json,
  id: nullable(string),
});

export const RunCellParams = record({
  ...SESSION,
  code: string,
  timeout: json,
  fuel: json,
  ...RUN,
});

export const SessionParams = record(SESSION);

export const CodeParams = record({ ...SESSION, code: string, cursor: integer });

export const PutFileParams = record({ ...SESSION, path: string, content: string });

export const FileParams = record({ ...SESSION, path: nullable(string) });

// ---- what the sidecar answers

export const MimePart = record({ mime: string, data: string });

export const CellValue = record({ text: string, json, parts: list(MimePart) });

export const CellResult = record({
  success: boolean,
  value: nullable(CellValue),
  error: nullable(TaskFailure),
  execution: Execution,
  state: string as Reader<"kept" | "lost">,
});

export const OpenSessionResult = record({
  ...SESSION,
  language: string,
  restored: nullable(integer),
});

export const CodeMatch = record({ text: string, kind: string });

export const CompleteCodeResult = record({ start: integer, matches: list(CodeMatch) });

export const GetFileResult = record({ content: string });

export const FileInfo = record({ path: string, size: integer, folder: boolean });

export const UnknownSessionData = record(SESSION);
