/**
 * JavaScript values to JSON by strict rules: what has no faithful form is an error that says where it is.
 * docs/javascript.md has the table of forms.
 */

import { quote } from "./json.ts";
import { native } from "./native.ts";

/** Levels of nesting; the host's own limit for a message is 255. */
const MAX_DEPTH = 200;
/** Digits of a number; the host's own limit. */
const MAX_DIGITS = 1000;
const MAX_PATH = 160;

const { isArray } = Array;
const { isView } = ArrayBuffer;
const { keys, getPrototypeOf, prototype: objectPrototype } = Object;
const { isFinite: isFiniteNumber } = Number;
const { is } = Object;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** A value has no JSON form; the message starts with the path to it, as `result.items[3].when`. */
export class InvalidValue extends Error {}

/** What is wrong and, gathered on the way up, where. */
class Refused {
  steps = "";
  constructor(readonly reason: string) {}

  at(step: string): this {
    this.steps = step + this.steps;
    return this;
  }
}

function stepOf(key: string | number): string {
  if (typeof key === "number") {
    return `[${key}]`;
  }
  return IDENTIFIER.test(key) ? `.${key}` : `[${quote(key)}]`;
}

/** JSON of `value`. Throws InvalidValue, whose path starts with `root`, also for more than `maxBytes` of UTF-8. */
export function encode(value: unknown, root: string, maxBytes?: number): string {
  try {
    const text = convert(value, []) ?? "null";
    if (maxBytes !== undefined && 3 * text.length > maxBytes) {
      const size = text.length > maxBytes ? text.length : native.encode(text).byteLength;
      if (size > maxBytes) {
        throw new Refused(
          `is ${size} bytes of JSON, more than its limit of ${maxBytes} (maxResult); return less, or write it to a ` +
            "file in a folder that the task may write to",
        );
      }
    }
    return text;
  } catch (problem) {
    if (problem instanceof Refused) {
      const path = root + problem.steps;
      const shown = path.length > MAX_PATH ? `${path.slice(0, MAX_PATH / 2)}…${path.slice(-MAX_PATH / 2)}` : path;
      throw new InvalidValue(`${shown} ${problem.reason}`);
    }
    throw problem;
  }
}

/** undefined stands for a value that an object leaves out. */
function convert(value: unknown, above: object[]): string | undefined {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
      if (!isFiniteNumber(value)) {
        throw new Refused(`is ${value}, which JSON cannot hold; use null or a string`);
      }
      return is(value, -0) ? "-0.0" : `${value}`;
    case "boolean":
      return value ? "true" : "false";
    case "undefined":
      return undefined;
    case "bigint": {
      const digits = `${value}`;
      if (digits.length > MAX_DIGITS) {
        throw new Refused(`is a whole number of more than ${MAX_DIGITS} digits; return it as a string`);
      }
      return digits;
    }
    case "function":
      throw new Refused("is a function, which JSON cannot hold; return its result or its name");
    case "symbol":
      throw new Refused("is a symbol, which JSON cannot hold; use a string");
    default:
      return value === null ? "null" : convertObject(value as object, above);
  }
}

function convertObject(value: object, above: object[]): string | undefined {
  for (let level = above.length - 1; level >= 0; level--) {
    if (above[level] === value) {
      throw new Refused("contains itself, which JSON cannot hold");
    }
  }
  if (above.length >= MAX_DEPTH) {
    throw new Refused(`is nested more than ${MAX_DEPTH} levels deep`);
  }
  above[above.length] = value;
  const text = convertEntered(value, above);
  above.length--;
  return text;
}

function convertEntered(value: object, above: object[]): string | undefined {
  if (isArray(value)) {
    return convertItems(value, above);
  }
  const prototype = getPrototypeOf(value);
  if (prototype !== objectPrototype && prototype !== null) {
    const special = convertSpecial(value, above);
    if (special !== NOT_SPECIAL) {
      return special;
    }
  } else if (typeof (value as { toJSON?: unknown }).toJSON === "function" && hasOwn(value, "toJSON")) {
    return convert((value as { toJSON(key: string): unknown }).toJSON(""), above);
  }
  const names = keys(value);
  if (names.length === 0 && prototype !== objectPrototype && prototype !== null) {
    throw new Refused(
      `is of class ${classOf(value)} and has no properties of its own, which JSON would lose; ` +
        "give the class a toJSON method, or return what it holds",
    );
  }
  let text = "";
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string;
    const part = within(name, (value as Record<string, unknown>)[name], above);
    if (part !== undefined) {
      text += `${text === "" ? "" : ","}${quote(name)}:${part}`;
    }
  }
  return `{${text}}`;
}

const hasOwn = Object.hasOwn;
const NOT_SPECIAL = "not special";

function within(step: string | number, value: unknown, above: object[]): string | undefined {
  try {
    return convert(value, above);
  } catch (problem) {
    throw problem instanceof Refused ? problem.at(stepOf(step)) : problem;
  }
}

function convertItems(items: ArrayLike<unknown>, above: object[]): string {
  let text = "";
  for (let index = 0; index < items.length; index++) {
    const part = within(index, items[index], above) ?? "null";
    text += index === 0 ? part : `,${part}`;
  }
  return `[${text}]`;
}

/** Values of classes that have a form of their own, or none. */
function convertSpecial(value: object, above: object[]): string | undefined {
  if (isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    return convertBuffer(value, above);
  }
  if (value instanceof Date) {
    if (!isFiniteNumber(value.getTime())) {
      throw new Refused("is an invalid Date");
    }
    return quote(value.toISOString());
  }
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") {
    return convert((value as { toJSON(key: string): unknown }).toJSON(""), above);
  }
  if (value instanceof Map) {
    return convertMap(value, above);
  }
  if (value instanceof Set) {
    return convertItems([...value], above);
  }
  if (value instanceof String || value instanceof Number || value instanceof Boolean || value instanceof BigInt) {
    return convert(value.valueOf(), above);
  }
  const reason = reasonAgainst(value);
  if (reason !== undefined) {
    throw new Refused(`is ${reason}`);
  }
  return NOT_SPECIAL;
}

function reasonAgainst(value: object): string | undefined {
  if (value instanceof Promise) {
    return "a Promise; await it";
  }
  if (value instanceof Error) {
    return `an Error (${classOf(value)}), which JSON cannot hold; return its message`;
  }
  if (value instanceof RegExp) {
    return "a RegExp, which JSON cannot hold; return its source";
  }
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) {
    return `a ${classOf(value)}, which JSON cannot hold`;
  }
  if (typeof (value as Iterator<unknown>).next === "function" && Symbol.iterator in value) {
    return "an iterator; make an array of it with [...it]";
  }
  return undefined;
}

function convertBuffer(value: ArrayBufferView | ArrayBufferLike, above: object[]): string {
  const isNumbers = isView(value) && !(value instanceof DataView) && elementSize(value) > 1;
  if (isNumbers || value instanceof Int8Array) {
    return convertItems(value as unknown as ArrayLike<unknown>, above);
  }
  return `"${native.toBase64(value instanceof DataView ? bytesOf(value) : value)}"`;
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function elementSize(value: ArrayBufferView): number {
  return (value as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
}

function convertMap(map: Map<unknown, unknown>, above: object[]): string {
  let text = "";
  for (const [key, value] of map) {
    if (typeof key !== "string") {
      throw new Refused(`is a Map with a key of type ${typeof key}, and JSON has only strings as keys; return [...map]`);
    }
    const part = within(key, value, above);
    if (part !== undefined) {
      text += `${text === "" ? "" : ","}${quote(key)}:${part}`;
    }
  }
  return `{${text}}`;
}

function classOf(value: object): string {
  const name = (value.constructor as { name?: unknown } | undefined)?.name;
  return typeof name === "string" && name !== "" ? name : "unknown";
}
