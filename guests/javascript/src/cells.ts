/** Code that is run cell by cell, in names that stay: a snippet is one cell, a session is several in one sandbox. */

import { OperationFailure } from "./failure.ts";
import { inspect } from "./inspect.ts";
import { performSync, run } from "./loop.ts";
import { native } from "./native.ts";
import { encode, InvalidValue } from "./results.ts";
import { innermost, setCellMap } from "./stacks.ts";
import { tool } from "./tools.ts";

export interface CellRequest {
  readonly code: string;
  readonly file: string;
  readonly tools?: readonly string[];
  readonly folder?: string;
  readonly interruptible?: boolean;
  readonly max_result_bytes?: number;
}

interface Part {
  readonly mime: string;
  readonly data: string;
}

const MAX_TEXT = 64 * 1024;
const TEXT_FORMS = ["text/html", "text/markdown", "text/latex", "image/svg+xml"];
const BINARY_FORMS = ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"];
/** As Deno and its kernel for Jupyter have it: a method that returns an object of forms by their types. */
const DISPLAY = Symbol.for("Jupyter.display");
/** `import x, { a as b } from "m"`, `import * as x from "m"`, `import "m"`, each at the beginning of a line. */
const IMPORT =
  /^import\s+(?:(?:([\w$]+)\s*,?\s*)?(?:\{([^}]*)\}|\*\s*as\s+([\w$]+))?\s*from\s*)?(["'])([^"'\n]+)\4[ \t]*;?/gm;

/** Where the host puts the source map of a cell without its types, in base64. */
const MAP = "\n//# sourceMappingURL=data:application/json;base64,";

const stringify = JSON.stringify;
let begun = false;

/** Before the first cell: true once. */
export function begin(request: CellRequest): boolean {
  if (begun) {
    return false;
  }
  begun = true;
  for (const name of request.tools ?? []) {
    Object.defineProperty(globalThis, name, {
      value: tool({ name }, () => undefined),
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }
  return true;
}

/** Runs one cell; JSON of its value. */
export function runCell(request: CellRequest): string {
  native.interruptible(request.interruptible === true);
  const evaluation = start(request);
  evaluation.catch(() => undefined); // looked at below
  const outcome = run(() => native.promiseState(evaluation)?.[0] !== 0);
  if (outcome === "stalled") {
    throw new Error("the cell awaits what can never happen: nothing is left that could bring it about");
  }
  const [state, settled] = native.promiseState(evaluation) ?? [0, undefined];
  if (state === 2) {
    throw settled;
  }
  const { value } = settled as { value: unknown };
  return value === undefined ? "null" : show(value, request.max_result_bytes);
}

/** Begins it, as JavaScript if it is that, else without its types, which the host takes out. */
function start({ code, file }: CellRequest): Promise<{ value: unknown }> {
  try {
    return native.evaluate(code, file);
  } catch (problem) {
    if (!(problem instanceof SyntaxError)) {
      throw problem;
    }
    const script = stripped(code, file, problem);
    try {
      return native.evaluate(script.replace(IMPORT, imported), file);
    } catch (second) {
      if (second instanceof SyntaxError && second.message === problem.message) {
        setCellMap(file, undefined); // it is of JavaScript, and its place needs no map
        throw new Invalid(problem);
      }
      throw second instanceof SyntaxError ? new Invalid(second) : second;
    }
  }
}

/** `problem` is what is wrong with it as JavaScript. */
function stripped(code: string, file: string, problem: SyntaxError): string {
  let found: { code?: unknown } | null;
  try {
    found = performSync({ op: "module", name: "cell.js" }) as { code?: unknown } | null;
  } catch (failure) {
    throw failure instanceof OperationFailure ? new Invalid(problem, later(problem, failure.message)) : failure;
  }
  if (typeof found?.code !== "string") {
    return code;
  }
  const end = found.code.lastIndexOf(MAP);
  if (end < 0) {
    return found.code;
  }
  setCellMap(file, found.code.slice(end + MAP.length).trimEnd());
  return found.code.slice(0, end);
}

/** What is wrong with it as TypeScript, if that comes later: then the types were wrong for JavaScript alone. */
function later(problem: SyntaxError, message: string): Said | undefined {
  const [found, line, column, text = ""] = /^(\d+):(\d+): (.*)$/s.exec(message) ?? [];
  const first = innermost(problem);
  if (found === undefined || first === undefined) {
    return undefined;
  }
  const said = { line: Number(line), column: Number(column), message: text };
  return said.line > first.line || (said.line === first.line && said.column > first.column) ? said : undefined;
}

interface Said {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** The cell is no program; `said` holds instead of the problem's own place and message. */
export class Invalid {
  constructor(
    readonly problem: unknown,
    readonly said?: Said,
  ) {}
}

/** The same as an expression, on as many lines: scripts have no import statements. */
function imported(
  statement: string,
  standard: string | undefined,
  names: string | undefined,
  all: string | undefined,
  _quote: string,
  module: string,
): string {
  const source = `await import(${stringify(module)})`;
  const lines = "\n".repeat(statement.split("\n").length - 1);
  if (all !== undefined) {
    const rest = standard === undefined ? "" : `, ${standard} = ${all}.default`;
    return `const ${all} = ${source}${rest};${lines}`;
  }
  const parts = (names ?? "")
    .split(",")
    .map((each) => each.trim().replace(/^type\s+/, "").replace(/\s+as\s+/, ": "))
    .filter((each) => each !== "");
  if (standard !== undefined) {
    parts.unshift(`default: ${standard}`);
  }
  const target = parts.length === 0 && names === undefined ? "" : `const { ${parts.join(", ")} } = `;
  return `${target}${source};${lines}`;
}

function show(value: unknown, maxBytes: number | undefined): string {
  let text = inspect(value);
  if (text.length > MAX_TEXT) {
    text = `${text.slice(0, MAX_TEXT)}… (${text.length - MAX_TEXT} more characters)`;
  }
  let json = "";
  try {
    json = `,"json":${encode(value, "value", maxBytes)}`;
  } catch (problem) {
    if (!(problem instanceof InvalidValue)) {
      throw problem;
    }
  }
  return `{"text":${stringify(text.toWellFormed())}${json},"parts":${stringify(partsOf(value, maxBytes))}}`;
}

function partsOf(value: unknown, maxBytes: number | undefined): Part[] {
  const parts: Part[] = [];
  if (typeof value !== "object" || value === null || !(DISPLAY in value)) {
    return parts;
  }
  const method = (value as Record<symbol, unknown>)[DISPLAY];
  const bundle: unknown = typeof method === "function" ? method.call(value) : undefined;
  if (typeof bundle !== "object" || bundle === null) {
    return parts;
  }
  let left = maxBytes ?? Number.MAX_SAFE_INTEGER;
  for (const [mime, form] of Object.entries(bundle)) {
    const data = dataOf(mime, form);
    if (mime === "text/plain") {
      continue;
    }
    left -= data?.length ?? 0;
    if (data === undefined || left < 0) {
      const why = data === undefined ? "that type is not shown, or not so" : "the value is larger than max_result";
      native.write(2, `[capsule: ${stringify(mime.slice(0, 80))} is left out: ${why}]\n`);
    } else {
      parts.push({ mime, data });
    }
  }
  return parts;
}

function dataOf(mime: string, form: unknown): string | undefined {
  if (mime === "application/json") {
    return encode(form, mime);
  }
  if (TEXT_FORMS.includes(mime)) {
    return typeof form === "string" ? form.toWellFormed() : undefined;
  }
  if (!BINARY_FORMS.includes(mime)) {
    return undefined;
  }
  if (typeof form === "string") {
    return native.fromBase64(form) === undefined ? undefined : form;
  }
  return form instanceof Uint8Array ? native.toBase64(form) : undefined;
}
