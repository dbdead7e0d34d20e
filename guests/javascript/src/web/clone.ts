// https://html.spec.whatwg.org/multipage/structured-data.html#structuredserializeinternal, from and to the one realm that
// there is, so that a value is copied at once. Values of the platform that could only be transferred are not there.

import { native } from "../native.ts";
import { Blob } from "./blob.ts";
import { DOMException } from "./dom-exception.ts";

type Memory = Map<object, object>;

const { kindOf, proxyParts } = native;

const ERRORS: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

const VIEWS = {
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
  Int16Array,
  Int32Array,
  Int8Array,
  Uint16Array,
  Uint32Array,
  Uint8Array,
  Uint8ClampedArray,
} as unknown as Readonly<Record<string, Uint8ArrayConstructor>>;

function failure(value: unknown): DOMException {
  let text: string;
  try {
    text = typeof value === "object" ? `#<${value?.constructor?.name ?? "Object"}>` : String(value);
  } catch {
    text = "value";
  }
  return new DOMException(`${text} could not be cloned.`, "DataCloneError");
}

function copyBuffer(buffer: ArrayBuffer): ArrayBuffer {
  if (buffer.detached) {
    throw new DOMException("An ArrayBuffer is detached and could not be cloned.", "DataCloneError");
  }
  if (!buffer.resizable) {
    return buffer.slice(0);
  }
  const made = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
  new Uint8Array(made).set(new Uint8Array(buffer));
  return made;
}

function copyView(view: ArrayBufferView, kind: string, memory: Memory): ArrayBufferView {
  const buffer = copyOf(view.buffer, memory) as ArrayBuffer;
  if (kind === "DataView") {
    return new DataView(buffer, view.byteOffset, view.byteLength);
  }
  const View = VIEWS[kind];
  if (View === undefined) {
    throw failure(view);
  }
  return new View(buffer, view.byteOffset, (view as Uint8Array).length);
}

function copyError(error: Error, memory: Memory): Error {
  if (error instanceof DOMException) {
    return new DOMException(error.message, error.name);
  }
  const name = String(error.name);
  const kind = Object.hasOwn(ERRORS, name) ? (ERRORS[name] as ErrorConstructor) : Error;
  const message = Object.getOwnPropertyDescriptor(error, "message");
  const copy = message !== undefined && "value" in message ? new kind(String(message.value)) : new kind();
  memory.set(error, copy);
  const hidden = { writable: true, enumerable: false, configurable: true };
  Object.defineProperty(copy, "stack", { ...hidden, value: String(error.stack) });
  if (Object.hasOwn(error, "cause")) {
    Object.defineProperty(copy, "cause", { ...hidden, value: copyOf(error.cause, memory) });
  }
  return copy;
}

function copyMap(map: Map<unknown, unknown>, memory: Memory): Map<unknown, unknown> {
  const made = new Map<unknown, unknown>();
  memory.set(map, made);
  for (const [key, value] of [...Map.prototype.entries.call(map)]) {
    made.set(copyOf(key, memory), copyOf(value, memory));
  }
  return made;
}

function copySet(set: Set<unknown>, memory: Memory): Set<unknown> {
  const made = new Set<unknown>();
  memory.set(set, made);
  for (const value of [...Set.prototype.values.call(set)]) {
    made.add(copyOf(value, memory));
  }
  return made;
}

function copyMembers<T extends object>(from: object, to: T, memory: Memory): T {
  memory.set(from, to);
  for (const key of Object.keys(from)) {
    if (Object.hasOwn(from, key)) {
      const value = copyOf((from as Record<string, unknown>)[key], memory);
      if (key === "__proto__") {
        Object.defineProperty(to, key, { value, writable: true, enumerable: true, configurable: true });
      } else {
        (to as Record<string, unknown>)[key] = value;
      }
    }
  }
  return to;
}

function copyObject(value: object, memory: Memory): object {
  const kind = kindOf(value) as string;
  switch (kind) {
    case "Object":
    case "Arguments":
      if (Object.getPrototypeOf(value) !== Object.prototype && (value instanceof Blob || value instanceof EventTarget)) {
        if (value instanceof Blob) {
          return value;
        }
        throw failure(value);
      }
      if (proxyParts(value) !== undefined) {
        throw failure(value);
      }
      return copyMembers(value, {}, memory);
    case "Array":
      return copyMembers(value, new Array((value as unknown[]).length), memory);
    case "Boolean":
    case "Number":
    case "String":
    case "BigInt":
      return Object((value as { valueOf(): unknown }).valueOf()) as object;
    case "Date":
      return new Date(Date.prototype.getTime.call(value));
    case "RegExp":
      return new RegExp((value as RegExp).source, (value as RegExp).flags);
    case "Map":
      return copyMap(value as Map<unknown, unknown>, memory);
    case "Set":
      return copySet(value as Set<unknown>, memory);
    case "Error":
      return copyError(value as Error, memory);
    case "ArrayBuffer":
      return copyBuffer(value as ArrayBuffer);
    case "SharedArrayBuffer":
      return value;
    default:
      if (ArrayBuffer.isView(value)) {
        return copyView(value, kind, memory);
      }
      throw failure(value);
  }
}

function copyOf(value: unknown, memory: Memory): unknown {
  if (typeof value === "symbol" || typeof value === "function") {
    throw failure(value);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const known = memory.get(value);
  if (known !== undefined) {
    return known;
  }
  const made = copyObject(value, memory);
  memory.set(value, made);
  return made;
}

/** The buffers to be moved: their copies are made now, and they are detached once all else has been copied. */
function transferred(buffers: readonly unknown[], memory: Memory): ArrayBuffer[] {
  const seen = new Set<ArrayBuffer>();
  for (const buffer of buffers) {
    if (kindOf(buffer) !== "ArrayBuffer") {
      throw new DOMException("Value not transferable", "DataCloneError");
    }
    if (seen.has(buffer as ArrayBuffer)) {
      throw new DOMException("ArrayBuffer occurs in the transfer list more than once", "DataCloneError");
    }
    seen.add(buffer as ArrayBuffer);
    memory.set(buffer as ArrayBuffer, copyBuffer(buffer as ArrayBuffer));
  }
  return [...seen];
}

export function structuredClone(...args: unknown[]): unknown {
  if (args.length === 0) {
    throw new TypeError('The "value" argument must be specified');
  }
  const [value, options] = args as [unknown, { transfer?: unknown[] }?];
  const memory: Memory = new Map();
  const moving = transferred(options?.transfer ?? [], memory);
  const copy = copyOf(value, memory);
  for (const buffer of moving) {
    buffer.transfer();
  }
  return copy;
}
