/** Code that is run cell by cell, in names that stay: a snippet is one cell, a session is several in one sandbox. */

import { OperationFailure } from "./failure.ts";
import { inspect } from "./inspect.ts";
import { performSync, run } from "./loop.ts";
import { native } from "./native.ts";
import { encode, InvalidValue } from "./results.ts";
import { setEntry } from "./stacks.ts";
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
  setEntry(request.file, request.file);
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
function start(request: CellRequest): Promise<{ value: unknown }> {
  const { code, file } = request;
  try {
    return native.evaluate(code, file);
  } catch (problem) {
    if (!(problem instanceof SyntaxError)) {
      throw problem;
    }
    try {
      return native.evaluate(stripped(code).replace(IMPORT, imported), file);
    } catch (second) {
      throw second instanceof SyntaxError || second instanceof OperationFailure ? new Invalid(problem) : second;
    }
  }
}

function stripped(code: string): string {
  const module = performSync({ op: "module", name: "cell.js" }) as { code?: unknown } | null;
  return typeof module?.code === "string" ? module.code : code;
}

/** The cell is no program. */
export class Invalid {
  constructor(readonly problem: unknown) {}
}

/** The same as an expression: scripts have no import statements. */
function imported(
  _: string,
  standard: string | undefined,
  names: string | undefined,
  all: string | undefined,
  _quote: string,
  module: string,
): string {
  const source = `await import(${stringify(module)})`;
  if (all !== undefined) {
    return standard === undefined ? `const ${all} = ${source};` : `const ${all} = ${source}, ${standard} = ${all}.default;`;
  }
  const parts = (names ?? "")
    .split(",")
    .map((each) => each.trim().replace(/^type\s+/, "").replace(/\s+as\s+/, ": "))
    .filter((each) => each !== "");
  if (standard !== undefined) {
    parts.unshift(`default: ${standard}`);
  }
  return parts.length === 0 && names === undefined ? `${source};` : `const { ${parts.join(", ")} } = ${source};`;
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

/** Names in the global scope and properties that what is written may go on with; JSON. */
export function complete(code: string, cursor: number): string {
  const before = [...code].slice(0, cursor).join("");
  const found = /([\w$]+(?:\.[\w$]+)*\.)?([\w$]*)$/.exec(before);
  const [, path, part = ""] = found ?? [];
  const start = cursor - part.length;
  let matches: { text: string; kind: string }[] = [];
  if (path !== undefined) {
    matches = membersOf(valueAt(path.slice(0, -1)), part);
  } else if (part !== "" && !before.slice(0, before.length - part.length).endsWith(".")) {
    matches = membersOf(globalThis, part);
  }
  return stringify({ start, matches });
}

function valueAt(path: string): unknown {
  let value: unknown = globalThis;
  for (const name of path.split(".")) {
    value = value === undefined || value === null ? undefined : (value as Record<string, unknown>)[name];
  }
  return value;
}

function membersOf(value: unknown, part: string): { text: string; kind: string }[] {
  const names = new Set<string>();
  for (let each: unknown = value; each !== undefined && each !== null; each = Object.getPrototypeOf(each)) {
    for (const name of Object.getOwnPropertyNames(each)) {
      if (name.startsWith(part) && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) {
        names.add(name);
      }
    }
  }
  return [...names]
    .sort()
    .slice(0, 500)
    .map((text) => ({ text, kind: kindOf(value, text) }));
}

function kindOf(value: unknown, name: string): string {
  const descriptor = Object.getOwnPropertyDescriptor(value as object, name);
  if (descriptor?.get !== undefined) {
    return "property";
  }
  const found = descriptor?.value ?? (descriptor === undefined ? Reflect.get(Object(value), name) : undefined);
  return typeof found === "function" ? "function" : "variable";
}
