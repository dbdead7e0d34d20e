/** Where an error of the program is: its own frames, at the places of the source that the user wrote. */

import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { performSync } from "./loop.ts";
import { native } from "./native.ts";

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Errors that an error is caused by, or consists of, that are shown. */
const MAX_CHAIN = 10;
const MAX_FRAMES = 50;
/** Frames that are the same as the one above, in deep recursion. */
const MAX_REPEATED = 3;
const MAX_TRACEBACK = 64 * 1024;
/** The name that the engine gives to this runtime's own code; the library's is the same. */
const OURS = "capsule:runtime";
const FRAME = /^ {4}at (?:(.*?) \()?(.*?):(\d+)(?::(\d+))?\)?$/;

const getter = (name: string): ((fn: object) => unknown) => {
  const get = Object.getOwnPropertyDescriptor(Function.prototype, name)?.get as () => unknown;
  return (fn) => Reflect.apply(get, fn, []);
};
const fileNameOf = getter("fileName");
const lineNumberOf = getter("lineNumber");
const columnNumberOf = getter("columnNumber");

let entryFile: string | undefined;
let entryName = "";
let map: TraceMap | null | undefined;

/** Notes the entry module, whose source map is asked for when it is first needed. */
export function setEntry(name: string, file: string): void {
  entryName = name;
  entryFile = file;
  map = undefined;
}

function sourceMap(): TraceMap | null {
  if (map === undefined) {
    map = null; // whatever happens below, it is not tried again
    try {
      const found = performSync({ op: "module", name: `${entryName}.map` }) as { code?: unknown } | null;
      if (typeof found?.code === "string") {
        map = new TraceMap(found.code);
      }
    } catch {
      // No map, or not a good one: places are those of the bundle.
    }
  }
  return map;
}

/** Source maps of cells that do not run as they were written, by file: in base64, or read; null: not a good one. */
const cellMaps = new Map<string, string | TraceMap | null>();

/** Notes the source map of a cell, in base64; undefined: it runs as it was written. */
export function setCellMap(file: string, encoded: string | undefined): void {
  if (encoded === undefined) {
    cellMaps.delete(file);
  } else {
    cellMaps.set(file, encoded);
  }
}

function cellMap(file: string): TraceMap | null {
  let found = cellMaps.get(file) ?? null;
  if (typeof found === "string") {
    const bytes = native.fromBase64(found);
    try {
      found = bytes === undefined ? null : new TraceMap(native.decode(bytes));
    } catch {
      found = null;
    }
    cellMaps.set(file, found);
  }
  return found;
}

/** The place in the user's source. */
function original(place: Place): Place {
  const isEntry = place.file === entryFile;
  const found = isEntry ? sourceMap() : cellMap(place.file);
  if (found === null || place.line < 1 || place.column < 1) {
    return place;
  }
  const { source, line, column } = originalPositionFor(found, { line: place.line, column: place.column - 1 });
  return typeof source !== "string" ? place : { file: isEntry ? source : place.file, line, column: column + 1 };
}

/** The source text that the map has of a file; undefined if it has none. */
export function sourceText(file: string): string | undefined {
  const found = sourceMap();
  const index = found?.sources.indexOf(file) ?? -1;
  return index < 0 ? undefined : (found?.sourcesContent?.[index] ?? undefined);
}

/** Where a function was written. */
export function definition(fn: object): Place | undefined {
  const file = fileNameOf(fn);
  const line = lineNumberOf(fn);
  const column = columnNumberOf(fn);
  if (typeof file !== "string" || typeof line !== "number" || typeof column !== "number" || file === OURS) {
    return undefined;
  }
  return original({ file, line, column });
}

/** FILE:LINE of a function. */
export function placeOf(fn: object): string {
  const place = definition(fn);
  return place === undefined ? "an unknown place" : `${place.file}:${place.line}`;
}

interface Frame extends Place {
  readonly name: string | undefined;
}

function framesOf(stack: string): Frame[] {
  const frames: Frame[] = [];
  for (const line of stack.split("\n")) {
    const [matched, name, file, number, column] = FRAME.exec(line) ?? [];
    if (matched !== undefined && file !== undefined && file !== OURS && frames.length < MAX_FRAMES) {
      const place = original({ file, line: Number(number), column: Number(column ?? 0) });
      frames.push({ name: name === "<anonymous>" || name === "" ? undefined : name, ...place });
    }
  }
  return frames;
}

function show({ name, file, line, column }: Frame): string {
  const place = column > 0 ? `${file}:${line}:${column}` : `${file}:${line}`;
  return name === undefined ? `at ${place}` : `at ${name} (${place})`;
}

function stackOf(problem: object): string {
  const { stack } = problem as { stack?: unknown };
  return typeof stack === "string" ? stack : "";
}

/** The user's innermost place in an error's stack. */
export function innermost(problem: unknown): Place | undefined {
  return problem instanceof Error ? framesOf(stackOf(problem))[0] : undefined;
}

/** `Name: message` of whatever was thrown. */
export function headOf(problem: unknown): string {
  if (problem instanceof Error) {
    const name = String(problem.name);
    const message = String(problem.message);
    return message === "" ? name : `${name}: ${message}`;
  }
  return `Uncaught ${typeof problem === "string" ? JSON.stringify(problem) : String(problem)}`;
}

/** The error with the user's frames, its causes and, of an AggregateError, its parts. */
export function traceback(problem: unknown): string {
  const lines: string[] = [];
  describe(problem, "", "", lines, new Set());
  const text = lines.join("\n");
  return text.length > MAX_TRACEBACK ? `${text.slice(0, MAX_TRACEBACK)}\n… (cut)` : text;
}

function describe(problem: unknown, indent: string, label: string, lines: string[], seen: Set<unknown>): void {
  lines.push(`${indent}${label}${headOf(problem)}`);
  if (!(problem instanceof Error) || seen.has(problem) || seen.size >= MAX_CHAIN) {
    return;
  }
  seen.add(problem);
  let repeated = 0;
  const frames = framesOf(stackOf(problem)).map(show);
  frames.forEach((frame, index) => {
    repeated = frame === frames[index - 1] ? repeated + 1 : 0;
    if (repeated < MAX_REPEATED) {
      lines.push(`${indent}    ${frame}`);
    } else if (frame !== frames[index + 1]) {
      lines.push(`${indent}    … and ${repeated - MAX_REPEATED + 1} more like this`);
    }
  });
  const inner = (problem as { traceback?: unknown }).traceback;
  if (typeof inner === "string" && inner !== "") {
    lines.push(`${indent}  inside the sandbox:`, ...inner.trimEnd().split("\n").map((line) => `${indent}    ${line}`));
  }
  if (problem.cause !== undefined) {
    describe(problem.cause, indent, "caused by: ", lines, seen);
  }
  const { errors } = problem as { errors?: unknown };
  if (Array.isArray(errors)) {
    errors.slice(0, MAX_CHAIN).forEach((each, index) => {
      describe(each, `${indent}  `, `[${index}] `, lines, seen);
    });
  }
}
