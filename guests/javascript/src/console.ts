/** `console`, as Node's: https://nodejs.org/docs/latest-v20.x/api/console.html */

import { formatWithOptions, inspect } from "./inspect.ts";
import { native } from "./native.ts";
import { print } from "./output.ts";

type Stream = 1 | 2;

const STEP = "  ";
/** A program may indent as deep as it likes; what is printed stays readable. */
const MAX_INDENT = 200;

let indent = "";
const counts = new Map<string, number>();
const timers = new Map<string, number>();

function write(stream: Stream, args: readonly unknown[]): void {
  const [first] = args;
  let text = args.length === 1 && typeof first === "string" ? first : formatWithOptions({}, ...args);
  if (indent !== "") {
    text = indent + text.replaceAll("\n", `\n${indent}`);
  }
  print(stream, `${text}\n`);
}

function elapsed(ms: number): string {
  if (ms < 1000) {
    return `${Number(ms.toFixed(3))}ms`;
  }
  return ms < 60_000 ? `${(ms / 1000).toFixed(3)}s` : `${Math.floor(ms / 60_000)}:${((ms % 60_000) / 1000).toFixed(3).padStart(6, "0")} (m:ss.mmm)`;
}

const log = (...args: unknown[]): void => write(1, args);
const warn = (...args: unknown[]): void => write(2, args);

function group(...args: unknown[]): void {
  if (args.length > 0) {
    log(...args);
  }
  if (indent.length < MAX_INDENT) {
    indent += STEP;
  }
}

function timeOf(label: string): string | undefined {
  const started = timers.get(label);
  if (started === undefined) {
    warn(`Warning: No such label '${label}' for console.time()`);
    return undefined;
  }
  return elapsed(native.monotonic() - started);
}

/** Characters that a cell takes. */
function cell(value: unknown): string {
  return inspect(value, { depth: typeof value === "object" && value !== null ? 0 : 2, maxArrayLength: 3 });
}

function draw(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((name, at) => Math.max(name.length, ...rows.map((row) => (row[at] ?? "").length)) + 2);
  const line = (left: string, middle: string, right: string): string =>
    left + widths.map((width) => "─".repeat(width)).join(middle) + right;
  const put = (row: readonly string[]): string =>
    `│${widths.map((width, at) => ` ${(row[at] ?? "").padEnd(width - 1)}`).join("│")}│`;
  const body = rows.map(put);
  return [line("┌", "┬", "┐"), put(columns), line("├", "┼", "┤"), ...body, line("└", "┴", "┘")].join("\n");
}

function entriesOf(data: object): [index: string, row: unknown][] {
  if (data instanceof Map) {
    return [...data].map(([key, value], at) => [`${at}`, { Key: key, Values: value }]);
  }
  if (data instanceof Set) {
    return [...data].map((value, at) => [`${at}`, value]);
  }
  return Object.entries(data);
}

function table(data: unknown, only?: readonly string[]): void {
  if (typeof data !== "object" || data === null) {
    log(data);
    return;
  }
  const entries = entriesOf(data);
  const names = new Set<string>(only);
  let hasValues = false;
  for (const [, row] of entries) {
    if (typeof row !== "object" || row === null) {
      hasValues = true;
    } else if (only === undefined) {
      for (const name of Object.keys(row)) {
        names.add(name);
      }
    }
  }
  const columns = ["(index)", ...names, ...(hasValues ? ["Values"] : [])];
  const rows = entries.map(([index, row]) => {
    const isRow = typeof row === "object" && row !== null;
    const cells = [...names].map((name) => (isRow && Object.hasOwn(row, name) ? cell(row[name as never]) : ""));
    return [index, ...cells, ...(hasValues ? [isRow ? "" : cell(row)] : [])];
  });
  log(draw(columns, rows));
}

const methods = {
  log,
  info: log,
  debug: log,
  warn,
  error: warn,
  trace(...args: unknown[]): void {
    const holder = { name: "Trace", message: args.length > 0 ? formatWithOptions({}, ...args) : "", stack: "" };
    Error.captureStackTrace(holder, methods.trace);
    warn(holder.stack.trimEnd());
  },
  dir: (value: unknown, options?: object): void => log(inspect(value, { customInspect: false, ...options })),
  dirxml: log,
  assert(condition?: unknown, ...args: unknown[]): void {
    if (!condition) {
      const [first, ...rest] = args;
      if (typeof first === "string") {
        warn(`Assertion failed: ${first}`, ...rest);
      } else {
        warn("Assertion failed", ...args);
      }
    }
  },
  count(label: unknown = "default"): void {
    const name = `${label}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    log(`${name}: ${count}`);
  },
  countReset: (label: unknown = "default"): void => void counts.delete(`${label}`),
  group,
  groupCollapsed: group,
  groupEnd(): void {
    indent = indent.slice(STEP.length);
  },
  table,
  time(label: unknown = "default"): void {
    const name = `${label}`;
    if (timers.has(name)) {
      warn(`Warning: Label '${name}' already exists for console.time()`);
    } else {
      timers.set(name, native.monotonic());
    }
  },
  timeLog(label: unknown = "default", ...args: unknown[]): void {
    const name = `${label}`;
    const time = timeOf(name);
    if (time !== undefined) {
      log(`${name}: ${time}`, ...args);
    }
  },
  timeEnd(label: unknown = "default"): void {
    const name = `${label}`;
    const time = timeOf(name);
    if (time !== undefined) {
      timers.delete(name);
      log(`${name}: ${time}`);
    }
  },
  clear: (): void => undefined,
};

/** What is shown on the global object, and as node:console. */
export const console: Record<string, unknown> = { ...methods };
Object.defineProperty(console, Symbol.toStringTag, { value: "console", configurable: true });
