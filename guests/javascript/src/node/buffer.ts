import {
  Buffer as BaseBuffer,
  INSPECT_MAX_BYTES,
  SlowBuffer,
  kMaxLength,
} from "buffer/";
import { codes } from "./internal/node-errors.ts";
import { native } from "../native.ts";
import { atob, btoa, bytesOfLooseBase64, latin1 } from "../web/base64.ts";
import { Blob, File } from "../web/blob.ts";
import { TextDecoder } from "../web/encoding.ts";

export { Blob, File, INSPECT_MAX_BYTES, SlowBuffer, atob, btoa, kMaxLength };

type Bytes = Uint8Array;

/** What is used of it here. */
export interface Buffer extends Uint8Array {
  equals(other: Uint8Array): boolean;
  toString(encoding?: string, start?: number, end?: number): string;
  write(text: string, offset?: unknown, length?: unknown, encoding?: string): number;
}

interface BufferConstructor {
  new (size: number): Buffer;
  readonly prototype: Buffer;
  poolSize: number;
  alloc(size: number, fill?: unknown): Buffer;
  allocUnsafe(size: number): Buffer;
  concat(parts: readonly Uint8Array[], size?: number): Buffer;
  from(value: unknown, encoding?: unknown, length?: number): Buffer;
  isBuffer(value: unknown): value is Buffer;
  isEncoding(name: unknown): boolean;
}

export const Buffer = BaseBuffer as BufferConstructor;

export const kStringMaxLength = 2 ** 29 - 24;
export const constants = Object.freeze({ MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: kStringMaxLength });

function encodingOf(name: unknown): string {
  const plain = name === undefined || name === null ? "utf8" : String(name).toLowerCase();
  return plain === "utf-8" ? "utf8" : plain === "binary" ? "latin1" : plain;
}

function viewOf(bytes: ArrayBuffer): Buffer {
  const view = new Uint8Array(bytes);
  Object.setPrototypeOf(view, Buffer.prototype);
  return view as unknown as Buffer;
}

/** The engine's own, of ECMAScript 2026. */
const { toHex } = Uint8Array.prototype as unknown as { toHex(): string };
const { fromHex } = Uint8Array as unknown as { fromHex(text: string): Uint8Array };
const HEX = /^(?:[0-9A-Fa-f]{2})*$/;

/** Text to bytes and back in native code, for the encodings that have it there. */
function fromText(text: string, encoding: string): Buffer | undefined {
  switch (encoding) {
    case "utf8":
      return viewOf(native.encode(text));
    case "base64":
    case "base64url":
      return viewOf(bytesOfLooseBase64(text));
    case "hex":
      return HEX.test(text) ? viewOf(Reflect.apply(fromHex, Uint8Array, [text]).buffer as ArrayBuffer) : undefined;
    default:
      return undefined;
  }
}

function toText(bytes: Bytes, encoding: string): string | undefined {
  switch (encoding) {
    case "utf8":
      return native.decode(bytes);
    case "latin1":
      return latin1(bytes);
    case "hex":
      return Reflect.apply(toHex, bytes, []) as string;
    case "base64":
      return native.toBase64(bytes);
    case "base64url":
      return native.toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
    default:
      return undefined;
  }
}

type Loose = Record<string, (this: unknown, ...args: never[]) => unknown>;
const statics = Buffer as unknown as Record<string, (...args: unknown[]) => unknown>;
type Method = (this: Bytes, ...args: unknown[]) => unknown;
const methods = Buffer.prototype as unknown as Record<string, Method>;

function define(target: object, name: PropertyKey, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true });
}

const from = statics.from as (...args: unknown[]) => unknown;
define(Buffer, "from", (value: unknown, encoding?: unknown, length?: unknown) =>
  typeof value === "string"
    ? (fromText(value, encodingOf(encoding)) ?? from(value, encoding))
    : from(value, encoding, length),
);

const isEncoding = statics.isEncoding as (name: unknown) => boolean;
define(Buffer, "isEncoding", (name: unknown) => typeof name === "string" && (isEncoding(name) || encodingOf(name) === "base64url"));

const byteLength = statics.byteLength as (...args: unknown[]) => unknown;
define(Buffer, "byteLength", (value: unknown, encoding?: unknown) => {
  const bytes = typeof value === "string" ? fromText(value, encodingOf(encoding)) : undefined;
  return bytes?.length ?? byteLength(value, encoding);
});

define(Buffer, "copyBytesFrom", (view: ArrayBufferView, offset = 0, length?: number) => {
  const typed = view as unknown as { slice(from: number, to?: number): Uint8Array };
  const part = typed.slice(offset, length === undefined ? undefined : offset + length);
  return Buffer.from(part.buffer as ArrayBuffer);
});

const baseToString = methods.toString as unknown as (this: Bytes, encoding?: unknown) => string;
define(Buffer.prototype, "toString", function (this: Bytes, encoding?: unknown, start?: number, end?: number): string {
  const whole = start === undefined && end === undefined;
  const part = whole ? this : this.subarray(Math.max(0, Number(start) || 0), end === undefined ? this.length : Math.max(0, Number(end) || 0));
  return toText(part, encodingOf(encoding)) ?? baseToString.call(part, encoding);
});
define(Buffer.prototype, "toLocaleString", methods.toString);

const write = methods.write as (this: Bytes, ...args: unknown[]) => number;
define(Buffer.prototype, "write", function (this: Bytes, text: unknown, ...rest: unknown[]): number {
  const name = rest.findLast((one) => typeof one === "string");
  if (encodingOf(name) !== "base64url") {
    return write.call(this, text, ...rest);
  }
  const [offset, length] = rest.map((one) => (typeof one === "number" ? one : undefined));
  const bytes = fromText(String(text), "base64url") as Bytes;
  const part = bytes.subarray(0, Math.min(length ?? bytes.length, this.length - (offset ?? 0)));
  this.set(part, offset ?? 0);
  return part.length;
});

for (const encoding of ["ascii", "base64", "base64url", "hex", "latin1", "ucs2", "utf8", "utf16le"]) {
  const names: Loose = {
    [`${encoding}Slice`](this: Bytes, start?: number, end?: number): unknown {
      return (methods.toString as unknown as Method).call(this, encoding, start, end);
    },
    [`${encoding}Write`](this: Buffer, text: string, offset?: number, length?: number): number {
      return this.write(text, offset, length, encoding);
    },
  } as unknown as Loose;
  for (const [name, value] of Object.entries(names)) {
    Object.defineProperty(Buffer.prototype, name, { value, writable: true, configurable: true });
  }
}

Buffer.poolSize = 8192;

define(Buffer.prototype, Symbol.for("nodejs.util.inspect.custom"), function (this: Bytes): string {
  const shown = toHexPairs(this.subarray(0, INSPECT_MAX_BYTES));
  const more = this.length - INSPECT_MAX_BYTES;
  return `<${this.constructor.name} ${shown}${more > 0 ? ` ... ${more} more byte${more > 1 ? "s" : ""}` : ""}>`;
});

function toHexPairs(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** Gives the package's errors the codes and the words that they have in Node. */
function withNodeErrors(target: object, name: string, explain: (error: Error, args: unknown[]) => Error): void {
  const call = (target as Record<string, (...args: unknown[]) => unknown>)[name] as (...args: unknown[]) => unknown;
  define(target, name, function (this: unknown, ...args: unknown[]): unknown {
    try {
      return call.apply(this, args);
    } catch (error) {
      throw (error as { code?: string }).code === undefined ? explain(error as Error, args) : error;
    }
  });
}

const KINDS = ["string", "Buffer", "ArrayBuffer", "Array", "Array-like Object"];
withNodeErrors(Buffer, "from", (error, [value]) =>
  error instanceof TypeError ? new codes.ERR_INVALID_ARG_TYPE("first argument", KINDS, value) : error,
);
for (const name of ["alloc", "allocUnsafe", "allocUnsafeSlow"]) {
  withNodeErrors(Buffer, name, (error, [size]) =>
    typeof size === "number"
      ? new codes.ERR_OUT_OF_RANGE("size", `>= 0 && <= ${kMaxLength}`, size)
      : error instanceof TypeError
        ? new codes.ERR_INVALID_ARG_TYPE("size", "number", size)
        : error,
  );
}
for (const name of Object.keys(Buffer.prototype).filter((one) => /^(read|write)[A-Z]/.test(one))) {
  withNodeErrors(Buffer.prototype, name, (error, args) => {
    const offset = name.startsWith("read") ? args[0] : args[1];
    return error instanceof RangeError && Number.isInteger(offset ?? 0)
      ? new codes.ERR_BUFFER_OUT_OF_BOUNDS()
      : new codes.ERR_OUT_OF_RANGE("offset", "an integer", offset);
  });
}

function bytesOf(value: unknown): Bytes {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (value instanceof ArrayBuffer) {
    return new Uint8Array(value);
  }
  throw new TypeError('The "input" argument must be an instance of ArrayBuffer, Buffer, or TypedArray');
}

export function isUtf8(input: unknown): boolean {
  return native.decode(bytesOf(input), true) !== undefined;
}

export function isAscii(input: unknown): boolean {
  return bytesOf(input).every((byte) => byte < 0x80);
}

const DECODERS: Readonly<Record<string, string>> = { utf8: "utf-8", ucs2: "utf-16le", utf16le: "utf-16le" };

export function transcode(source: Bytes, fromEncoding: string, toEncoding: string): Buffer {
  const input = encodingOf(fromEncoding);
  const label = DECODERS[input.replace("-", "")];
  const text = label === undefined ? latin1(source) : new TextDecoder(label).decode(source);
  const output = encodingOf(toEncoding);
  const isNarrow = output === "ascii" || output === "latin1";
  const limit = output === "ascii" ? 0x7f : 0xff;
  const fitting = isNarrow ? [...String(text)].map((one) => ((one.codePointAt(0) as number) > limit ? "?" : one)).join("") : text;
  return Buffer.from(fitting, output);
}

export function resolveObjectURL(): undefined {
  return undefined;
}

export default {
  Blob,
  Buffer,
  File,
  INSPECT_MAX_BYTES,
  SlowBuffer,
  atob,
  btoa,
  constants,
  isAscii,
  isUtf8,
  kMaxLength,
  kStringMaxLength,
  resolveObjectURL,
  transcode,
};
