// https://html.spec.whatwg.org/multipage/structured-data.html#structuredserializeinternal, from and to the one realm that
// there is, so that a value is copied at once. Values of the platform that could only be transferred are not there.

import { types } from "../node/internal/types.ts";
import { Blob } from "./blob.ts";
import { DOMException } from "./dom-exception.ts";

type Memory = Map<object, object>;

const ERRORS: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

function failure(value: unknown): DOMException {
  let text: string;
  try {
    text = typeof value === "object" ? `#<${value?.constructor?.name ?? "Object"}>` : String(value);
  } catch {
    text = "value";
  }
  return new DOMException(`${text} could not be cloned.`, "DataCloneError");
}

function copyBuffer(buffer: ArrayBuffer | SharedArrayBuffer): ArrayBuffer | SharedArrayBuffer {
  if (buffer instanceof SharedArrayBuffer) {
    return buffer;
  }
  if ((buffer as { detached?: boolean }).detached) {
    throw new DOMException("An ArrayBuffer is detached and could not be cloned.", "DataCloneError");
  }
  const { resizable, maxByteLength } = buffer as ArrayBuffer & { resizable?: boolean; maxByteLength: number };
  if (!resizable) {
    return buffer.slice(0);
  }
  const made = new (ArrayBuffer as new (size: number, options: object) => ArrayBuffer)(buffer.byteLength, { maxByteLength });
  new Uint8Array(made).set(new Uint8Array(buffer));
  return made;
}

function copyView(view: ArrayBufferView, memory: Memory): ArrayBufferView {
  const buffer = copyOf(view.buffer, memory) as ArrayBuffer;
  if (types.isDataView?.(view)) {
    return new DataView(buffer, view.byteOffset, view.byteLength);
  }
  const typed = Object.getPrototypeOf(Uint8Array.prototype) as object;
  const name = Reflect.get(typed, Symbol.toStringTag, view) as string;
  const kind = (globalThis as unknown as Record<string, Uint8ArrayConstructor>)[name] as Uint8ArrayConstructor;
  return new kind(buffer, view.byteOffset, (view as Uint8Array).length);
}

function copyError(error: Error, memory: Memory): Error {
  const name = String(error.name);
  const kind = Object.hasOwn(ERRORS, name) ? (ERRORS[name] as ErrorConstructor) : Error;
  const message = Object.getOwnPropertyDescriptor(error, "message");
  const copy = new kind(message && "value" in message ? String(message.value) : "");
  memory.set(error, copy);
  const hidden = { writable: true, enumerable: false, configurable: true };
  if (message === undefined) {
    delete (copy as Partial<Error>).message;
  }
  Object.defineProperty(copy, "stack", { ...hidden, value: String(error.stack) });
  if (Object.hasOwn(error, "cause")) {
    Object.defineProperty(copy, "cause", { ...hidden, value: copyOf(error.cause, memory) });
  }
  return copy;
}

/** Objects of the language that are no containers; undefined for all else. */
function copyPlain(value: object): object | undefined {
  if (types.isBooleanObject?.(value)) {
    return Object(Boolean.prototype.valueOf.call(value)) as object;
  }
  if (types.isNumberObject?.(value)) {
    return Object(Number.prototype.valueOf.call(value)) as object;
  }
  if (types.isBigIntObject?.(value)) {
    return Object(BigInt.prototype.valueOf.call(value)) as object;
  }
  if (types.isStringObject?.(value)) {
    return Object(String.prototype.valueOf.call(value)) as object;
  }
  if (types.isDate?.(value)) {
    return new Date(Date.prototype.getTime.call(value));
  }
  if (types.isRegExp?.(value)) {
    return new RegExp((value as RegExp).source, (value as RegExp).flags);
  }
  return value instanceof Blob ? value : undefined;
}

function copyMembers(from: object, to: object, memory: Memory): void {
  for (const key of Object.keys(from)) {
    if (Object.hasOwn(from, key)) {
      const value = copyOf((from as Record<string, unknown>)[key], memory);
      Object.defineProperty(to, key, { value, writable: true, enumerable: true, configurable: true });
    }
  }
}

function copyObject(value: object, memory: Memory): object {
  if (types.isAnyArrayBuffer?.(value)) {
    return copyBuffer(value as ArrayBuffer);
  }
  if (ArrayBuffer.isView(value)) {
    return copyView(value, memory);
  }
  if (types.isMap?.(value)) {
    const made = new Map<unknown, unknown>();
    memory.set(value, made);
    for (const [key, one] of [...Map.prototype.entries.call(value)]) {
      made.set(copyOf(key, memory), copyOf(one, memory));
    }
    return made;
  }
  if (types.isSet?.(value)) {
    const made = new Set<unknown>();
    memory.set(value, made);
    for (const one of [...Set.prototype.values.call(value)]) {
      made.add(copyOf(one, memory));
    }
    return made;
  }
  if (types.isNativeError?.(value)) {
    return value instanceof DOMException ? new DOMException(value.message, value.name) : copyError(value as Error, memory);
  }
  if (isUncloneable(value)) {
    throw failure(value);
  }
  const made: object = Array.isArray(value) ? new Array(value.length) : {};
  memory.set(value, made);
  copyMembers(value, made, memory);
  return made;
}

/** What the engine keeps more of than properties. */
function isUncloneable(value: object): boolean {
  return ["isPromise", "isWeakMap", "isWeakSet", "isGeneratorObject", "isSymbolObject", "isProxy"].some((test) =>
    types[test]?.(value),
  ) || value instanceof WeakRef || value instanceof EventTarget;
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
  const made = copyPlain(value) ?? copyObject(value, memory);
  memory.set(value, made);
  return made;
}

/** The buffers to be moved: their copies are made now, and they are detached once all else has been copied. */
function transferred(buffers: readonly unknown[], memory: Memory): ArrayBuffer[] {
  const seen = new Set<unknown>();
  for (const buffer of buffers) {
    if (!types.isArrayBuffer?.(buffer)) {
      throw new DOMException("Value not transferable", "DataCloneError");
    }
    if (seen.has(buffer)) {
      throw new DOMException("ArrayBuffer occurs in the transfer list more than once", "DataCloneError");
    }
    seen.add(buffer);
    memory.set(buffer as ArrayBuffer, (buffer as ArrayBuffer).slice(0));
  }
  return [...seen] as ArrayBuffer[];
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
    (buffer as ArrayBuffer & { transfer(): ArrayBuffer }).transfer();
  }
  return copy;
}
