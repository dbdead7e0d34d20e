// https://w3c.github.io/FileAPI/#blob-section

import { TextDecoder, TextEncoder } from "./encoding.ts";
import { ReadableStream } from "./streams.ts";

type Part = ArrayBuffer | ArrayBufferView | Blob | string;

interface BlobOptions {
  type?: string;
  endings?: "transparent" | "native";
}

const AT_ONCE = 65536;
const contents = new WeakMap<Blob, Uint8Array>();

function bytesOf(blob: Blob): Uint8Array {
  const found = contents.get(blob);
  if (found === undefined) {
    throw new TypeError("Illegal invocation: this is not a Blob");
  }
  return found;
}

function partOf(part: Part, endings: string): Uint8Array {
  if (part instanceof Blob) {
    return bytesOf(part);
  }
  if (ArrayBuffer.isView(part)) {
    return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  }
  if ((part as unknown) instanceof ArrayBuffer || (part as unknown) instanceof SharedArrayBuffer) {
    return new Uint8Array(part as unknown as ArrayBuffer);
  }
  const text = String(part);
  return new TextEncoder().encode(endings === "native" ? text.replace(/\r\n?/g, "\n") : text);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export class Blob {
  readonly #type: string;

  constructor(parts: Iterable<Part> = [], options: BlobOptions = {}) {
    if (typeof parts !== "object" || parts === null || !(Symbol.iterator in parts)) {
      throw new TypeError('The "sources" argument must be an instance of Iterable');
    }
    const { type = "", endings = "transparent" } = options ?? {};
    if (endings !== "transparent" && endings !== "native") {
      throw new TypeError(`The property 'options.endings' must be one of: 'transparent', 'native'. Received ${endings}`);
    }
    const text = String(type);
    this.#type = /[^\x20-\x7e]/.test(text) ? "" : text.toLowerCase();
    contents.set(this, joined([...parts].map((part) => partOf(part, endings))));
  }

  get size(): number {
    return bytesOf(this).length;
  }

  get type(): string {
    return this.#type;
  }

  slice(start = 0, end = this.size, type = ""): Blob {
    const blob = new Blob([], { type });
    contents.set(blob, bytesOf(this).subarray(clamp(start, this.size), clamp(end, this.size)));
    return blob;
  }

  async bytes(): Promise<Uint8Array> {
    return bytesOf(this).slice();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return bytesOf(this).slice().buffer as ArrayBuffer;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(bytesOf(this));
  }

  stream(): ReadableStream<Uint8Array> {
    const bytes = bytesOf(this);
    let at = 0;
    return new ReadableStream({
      type: "bytes",
      pull(controller): void {
        if (at < bytes.length) {
          controller.enqueue(bytes.slice(at, at + AT_ONCE) as Uint8Array<ArrayBuffer>);
          at += AT_ONCE;
        }
        if (at >= bytes.length) {
          controller.close();
          controller.byobRequest?.respond(0);
        }
      },
    });
  }

  get [Symbol.toStringTag](): string {
    return "Blob";
  }
}

function clamp(position: number, size: number): number {
  const whole = Math.trunc(Number(position)) || 0;
  return whole < 0 ? Math.max(size + whole, 0) : Math.min(whole, size);
}

export class File extends Blob {
  readonly #name: string;
  readonly #lastModified: number;

  constructor(parts: Iterable<Part>, name: string, options: BlobOptions & { lastModified?: number } = {}) {
    // biome-ignore lint/complexity/noArguments: an argument that is undefined is one
    if (arguments.length < 2) {
      throw new TypeError('The "sources" and "fileName" arguments must be specified');
    }
    super(parts, options);
    this.#name = String(name).toWellFormed();
    const when = options?.lastModified;
    this.#lastModified = when === undefined ? Date.now() : Math.trunc(Number(when)) || 0;
  }

  get name(): string {
    return this.#name;
  }

  get lastModified(): number {
    return this.#lastModified;
  }

  get webkitRelativePath(): string {
    return "";
  }

  override get [Symbol.toStringTag](): string {
    return "File";
  }
}

for (const [prototype, names] of [
  [Blob.prototype, ["size", "type", "slice", "stream", "text", "arrayBuffer", "bytes"]],
  [File.prototype, ["name", "lastModified", "webkitRelativePath"]],
] as const) {
  for (const name of names) {
    Object.defineProperty(prototype, name, { enumerable: true });
  }
}
