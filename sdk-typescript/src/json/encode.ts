/**
 * Values to JSON by strict rules: what has no faithful form is refused, with its path.
 *
 * The rules are those of a task's result and must stay in agreement with the guest's
 * (guests/javascript/src/results.ts); docs/typescript.md has them as a table.
 */

import { Buffer } from "node:buffer";

/** Levels of nesting; the protocol's own limit for a message is 255. */
export const MAX_DEPTH = 200;

const MAX_PATH = 160;
const MAX_SHOWN = 40;
const MAX_DIGITS = 1000;

/** A value has no JSON form; the message starts with the path to it, as `args[1].when`. */
export class InvalidValue extends Error {}

/** What is wrong and, gathered on the way up, where. */
class Unfit extends Error {
  readonly steps: string[] = [];
}

/** JSON of a value. Throws `InvalidValue`, whose path starts with `root`. */
export function encode(value: unknown, root: string): string {
  try {
    return write(value, "", 0, new Set());
  } catch (error) {
    if (!(error instanceof Unfit)) {
      throw error;
    }
    let path = root + error.steps.reverse().join("");
    if (path.length > MAX_PATH) {
      path = `${path.slice(0, MAX_PATH / 2)}…${path.slice(-MAX_PATH / 2)}`;
    }
    throw new InvalidValue(`${path} ${error.message}`);
  }
}

/** `outer` has the containers around the value; `key` is what a `toJSON` is told. */
function write(value: unknown, key: string, depth: number, outer: Set<object>): string {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "number":
      return number(value);
    case "boolean":
      return value ? "true" : "false";
    case "undefined":
      return "null";
    case "bigint":
      return bigint(value);
    case "object":
      return value === null ? "null" : object(value, key, depth, outer);
    default:
      throw new Unfit(noForm(value));
  }
}

function object(value: object, key: string, depth: number, outer: Set<object>): string {
  const form = scalarForm(value, key);
  if (form !== undefined) {
    // What toJSON gives may be anything, the object itself too.
    if (depth >= MAX_DEPTH) {
      throw new Unfit(`is nested deeper than ${MAX_DEPTH} levels`);
    }
    return write(form.value, key, depth + 1, outer);
  }
  if (outer.has(value)) {
    throw new Unfit("contains itself; JSON cannot hold cycles");
  }
  if (depth >= MAX_DEPTH) {
    throw new Unfit(`is nested deeper than ${MAX_DEPTH} levels`);
  }
  outer.add(value);
  const text = container(value, depth + 1, outer);
  outer.delete(value);
  return text;
}

/** What stands for an object that is one value and not several; undefined for the others. */
function scalarForm(value: object, key: string): { value: unknown } | undefined {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) {
      throw new Unfit("is an invalid Date, which has no JSON form");
    }
    return { value: value.toISOString() };
  }
  const bytes = bytesOf(value);
  if (bytes !== undefined) {
    return { value: bytes.toString("base64") };
  }
  if (
    value instanceof String ||
    value instanceof Number ||
    value instanceof Boolean ||
    value instanceof BigInt
  ) {
    return { value: value.valueOf() };
  }
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === "function" ? { value: toJSON.call(value, key) } : undefined;
}

function bytesOf(value: object): Buffer | undefined {
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    return Buffer.from(value);
  }
  if (
    value instanceof Uint8Array ||
    value instanceof Uint8ClampedArray ||
    value instanceof DataView
  ) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  return undefined;
}

function container(value: object, depth: number, outer: Set<object>): string {
  if (Array.isArray(value)) {
    return array(value, depth, outer);
  }
  if (value instanceof Map) {
    return members(value, depth, outer);
  }
  if (value instanceof Set) {
    return array([...value], depth, outer);
  }
  if (ArrayBuffer.isView(value)) {
    return array([...(value as unknown as Iterable<unknown>)], depth, outer);
  }
  const entries = Object.entries(value);
  if (!isPlain(value) && (entries.length === 0 || isLost(value))) {
    throw new Unfit(noForm(value));
  }
  return members(entries, depth, outer);
}

/** Whether what it holds is not in its properties, even if it has some. */
function isLost(value: object): boolean {
  return (
    value instanceof Error ||
    value instanceof Promise ||
    value instanceof RegExp ||
    (Symbol.iterator in value && "next" in value)
  );
}

function array(items: readonly unknown[], depth: number, outer: Set<object>): string {
  let text = "[";
  for (let index = 0; index < items.length; index++) {
    try {
      text += (index ? "," : "") + write(items[index], String(index), depth, outer);
    } catch (error) {
      throw at(error, `[${index}]`);
    }
  }
  return `${text}]`;
}

function members(
  entries: Iterable<readonly [unknown, unknown]>,
  depth: number,
  outer: Set<object>,
): string {
  let text = "{";
  for (const [key, item] of entries) {
    if (typeof key !== "string") {
      throw new Unfit(
        `has the key ${short(key)} of type ${typeName(key)}; keys must be strings: use String(key)`,
      );
    }
    if (item === undefined) {
      continue;
    }
    try {
      text += `${text.length > 1 ? "," : ""}${quoted(key)}:${write(item, key, depth, outer)}`;
    } catch (error) {
      throw at(error, step(key));
    }
  }
  return `${text}}`;
}

function at(error: unknown, where: string): unknown {
  if (error instanceof Unfit) {
    error.steps.push(where);
  }
  return error;
}

function number(value: number): string {
  if (!Number.isFinite(value)) {
    throw new Unfit(`is ${value}, which JSON cannot hold; pass null or a string instead`);
  }
  // String(-0) is "0".
  return Object.is(value, -0) ? "-0.0" : String(value);
}

function bigint(value: bigint): string {
  const digits = value.toString();
  if (digits.length > MAX_DIGITS) {
    throw new Unfit(
      `is a bigint of more than ${MAX_DIGITS} digits; pass it as a string: value.toString(16)`,
    );
  }
  return digits;
}

function quoted(text: string): string {
  if (!text.isWellFormed()) {
    const index = [...text].findIndex((character) => !character.isWellFormed());
    const code = [...text][index]?.charCodeAt(0).toString(16).toUpperCase();
    throw new Unfit(
      `has the lone surrogate U+${code} at character ${index}, which is not text; ` +
        "pass bytes, or text.toWellFormed()",
    );
  }
  return JSON.stringify(text);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function step(key: string): string {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${short(key)}]`;
}

/** A value, or the beginning of it, for a message. */
export function short(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : printable(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 1)}…`;
}

function printable(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeName(value);
  }
}

function typeName(value: unknown): string {
  if (value === null || typeof value !== "object") {
    return value === null ? "null" : typeof value;
  }
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name ? name : "object";
}

function noForm(value: unknown): string {
  const advice: Record<string, string> = {
    Promise: "await it first",
    Error: "pass error.message or String(error)",
    RegExp: "pass its source",
    function: "only data can be passed",
    symbol: "only data can be passed",
  };
  const name = value instanceof Error ? "Error" : typeName(value);
  const shown = value instanceof Error ? value.name : name;
  const hint = advice[name] ?? "make it an object, an array, a string or a number first";
  return `has type ${shown}, which has no JSON form; ${hint}`;
}
