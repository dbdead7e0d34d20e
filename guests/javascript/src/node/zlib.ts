import * as pako from "pako";
import { Buffer } from "./buffer.ts";
import { bytesOf } from "./fs/arguments.ts";
import { process } from "./internal/process.ts";
import { placeholder } from "./internal/unavailable.ts";
import stream from "./stream.ts";

interface Options {
  level?: number;
  windowBits?: number;
  memLevel?: number;
  strategy?: number;
  dictionary?: Uint8Array;
  chunkSize?: number;
  finishFlush?: number;
  maxOutputLength?: number;
}

type Kind = "deflate" | "deflateRaw" | "gzip" | "gunzip" | "inflate" | "inflateRaw" | "unzip";
type Callback = (error: unknown, result?: unknown) => void;

interface Engine {
  onData: (chunk: Uint8Array) => void;
  readonly err: number;
  readonly msg: string;
  readonly ended: boolean;
  push(data: Uint8Array, flush: number | boolean): boolean;
}

export const constants = Object.freeze({
  Z_NO_FLUSH: 0,
  Z_PARTIAL_FLUSH: 1,
  Z_SYNC_FLUSH: 2,
  Z_FULL_FLUSH: 3,
  Z_FINISH: 4,
  Z_BLOCK: 5,
  Z_TREES: 6,
  Z_OK: 0,
  Z_STREAM_END: 1,
  Z_NEED_DICT: 2,
  Z_ERRNO: -1,
  Z_STREAM_ERROR: -2,
  Z_DATA_ERROR: -3,
  Z_MEM_ERROR: -4,
  Z_BUF_ERROR: -5,
  Z_VERSION_ERROR: -6,
  Z_NO_COMPRESSION: 0,
  Z_BEST_SPEED: 1,
  Z_BEST_COMPRESSION: 9,
  Z_DEFAULT_COMPRESSION: -1,
  Z_FILTERED: 1,
  Z_HUFFMAN_ONLY: 2,
  Z_RLE: 3,
  Z_FIXED: 4,
  Z_DEFAULT_STRATEGY: 0,
  Z_MIN_WINDOWBITS: 8,
  Z_MAX_WINDOWBITS: 15,
  Z_DEFAULT_WINDOWBITS: 15,
  Z_MIN_CHUNK: 64,
  Z_MAX_CHUNK: Number.POSITIVE_INFINITY,
  Z_DEFAULT_CHUNK: 16384,
  Z_MIN_MEMLEVEL: 1,
  Z_MAX_MEMLEVEL: 9,
  Z_DEFAULT_MEMLEVEL: 8,
  Z_MIN_LEVEL: -1,
  Z_MAX_LEVEL: 9,
  Z_DEFAULT_LEVEL: -1,
});

const CODES: Readonly<Record<string, string>> = {
  "-2": "Z_STREAM_ERROR",
  "-3": "Z_DATA_ERROR",
  "-4": "Z_MEM_ERROR",
  "-5": "Z_BUF_ERROR",
  "2": "Z_NEED_DICT",
};
const GZIP = 16;
const EITHER = 32;

function engineOf(kind: Kind, options: Options): Engine {
  const { level, memLevel, strategy, dictionary, chunkSize, windowBits = 15 } = options;
  const given = Object.fromEntries(
    Object.entries({ level, memLevel, strategy, dictionary, chunkSize }).filter(([, value]) => value !== undefined),
  );
  switch (kind) {
    case "deflate":
      return new pako.Deflate({ ...given, windowBits }) as unknown as Engine;
    case "gzip":
      return new pako.Deflate({ ...given, windowBits, gzip: true }) as unknown as Engine;
    case "deflateRaw":
      return new pako.Deflate({ ...given, windowBits, raw: true }) as unknown as Engine;
    case "gunzip":
      return new pako.Inflate({ ...given, windowBits: windowBits + GZIP }) as unknown as Engine;
    case "unzip":
      return new pako.Inflate({ ...given, windowBits: windowBits + EITHER }) as unknown as Engine;
    case "inflateRaw":
      return new pako.Inflate({ ...given, windowBits, raw: true }) as unknown as Engine;
    case "inflate":
      return new pako.Inflate({ ...given, windowBits }) as unknown as Engine;
  }
}

const INFLATES: readonly Kind[] = ["gunzip", "inflate", "inflateRaw", "unzip"];

function zlibError(message: string, errno: number): Error {
  return Object.assign(new Error(message), { errno, code: CODES[errno] ?? "Z_ERRNO" });
}

/** Pushes bytes through, and raises what zlib says of them. */
function push(engine: Engine, data: Uint8Array, last: boolean): void {
  if (engine.ended) {
    return;
  }
  engine.push(data, last);
  if (engine.err !== 0) {
    const cut = engine.err === constants.Z_BUF_ERROR;
    throw zlibError(cut ? "unexpected end of file" : engine.msg, engine.err);
  }
}

function checkEnd(kind: Kind, engine: Engine, options: Options): void {
  const wanted = options.finishFlush ?? constants.Z_FINISH;
  if (INFLATES.includes(kind) && !engine.ended && wanted === constants.Z_FINISH) {
    throw zlibError("unexpected end of file", constants.Z_BUF_ERROR);
  }
}

function whole(kind: Kind, data: unknown, options: Options = {}): unknown {
  const engine = engineOf(kind, options);
  const parts: Uint8Array[] = [];
  let size = 0;
  engine.onData = (chunk) => {
    size += chunk.length;
    if (size > (options.maxOutputLength ?? Number.POSITIVE_INFINITY)) {
      const error = new RangeError(`Cannot create a Buffer larger than ${options.maxOutputLength} bytes`);
      throw Object.assign(error, { code: "ERR_BUFFER_TOO_LARGE" });
    }
    parts.push(chunk);
  };
  push(engine, data instanceof ArrayBuffer ? new Uint8Array(data) : bytesOf(data), true);
  checkEnd(kind, engine, options);
  return Buffer.concat(parts, size);
}

class Zlib extends stream.Transform {
  bytesWritten = 0;
  readonly #engine: Engine;
  readonly #kind: Kind;
  readonly #options: Options;

  constructor(kind: Kind, options: Options & { highWaterMark?: number } = {}) {
    super(options);
    this.#kind = kind;
    this.#options = options ?? {};
    this.#engine = engineOf(kind, this.#options);
    this.#engine.onData = (chunk) => void this.push(Buffer.from(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.length));
  }

  _transform(chunk: Uint8Array, _encoding: string, done: (error?: unknown) => void): void {
    this.bytesWritten += chunk.length;
    this.#attempt(done, () => push(this.#engine, chunk, false));
  }

  _flush(done: (error?: unknown) => void): void {
    this.#attempt(done, () => {
      push(this.#engine, new Uint8Array(), true);
      if (this.bytesWritten > 0) {
        checkEnd(this.#kind, this.#engine, this.#options);
      }
    });
  }

  flush(kind?: unknown, callback?: () => void): void {
    const done = typeof kind === "function" ? (kind as () => void) : callback;
    this.#engine.push(new Uint8Array(), typeof kind === "number" ? kind : constants.Z_FULL_FLUSH);
    if (done) {
      process.nextTick(done);
    }
  }

  close(callback?: () => void): void {
    if (callback) {
      this.once("close", callback);
    }
    this.destroy();
  }

  #attempt(done: (error?: unknown) => void, work: () => void): void {
    try {
      work();
    } catch (error) {
      done(error);
      return;
    }
    done();
  }
}

const KINDS: Readonly<Record<string, Kind>> = {
  Deflate: "deflate",
  DeflateRaw: "deflateRaw",
  Gunzip: "gunzip",
  Gzip: "gzip",
  Inflate: "inflate",
  InflateRaw: "inflateRaw",
  Unzip: "unzip",
};

const made: Record<string, unknown> = {};
for (const [name, kind] of Object.entries(KINDS)) {
  // Node lets them be called without `new`.
  const Class = class extends Zlib {
    constructor(options?: Options) {
      super(kind, options);
    }
  };
  Object.defineProperty(Class, "name", { value: name });
  made[name] = new Proxy(Class, { apply: (target, _this, [options]) => new target(options as Options) });
  made[`create${name}`] = (options?: Options) => new Class(options);
  made[`${kind}Sync`] = (data: unknown, options?: Options) => whole(kind, data, options);
  made[kind] = (data: unknown, ...rest: unknown[]) => {
    const callback = rest.pop() as Callback;
    let told: [unknown, unknown?];
    try {
      told = [null, whole(kind, data, rest[0] as Options)];
    } catch (error) {
      told = [error];
    }
    process.nextTick(() => callback(...told));
  };
}

let table: Int32Array | undefined;

export function crc32(data: unknown, value = 0): number {
  table ??= Int32Array.from({ length: 256 }, (_, index) => {
    let sum = index;
    for (let bit = 0; bit < 8; bit++) {
      sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
    }
    return sum;
  });
  let sum = ~value;
  for (const byte of bytesOf(data)) {
    sum = (sum >>> 8) ^ (table[(sum ^ byte) & 0xff] as number);
  }
  return ~sum >>> 0;
}

const { codes: _codes, ...missing } = placeholder("zlib");
const codes = Object.freeze(
  Object.fromEntries(
    Object.entries(constants)
      .filter(([name]) => /^Z_(OK|STREAM_END|NEED_DICT|.*ERR.*)$/.test(name))
      .flatMap(([name, code]) => [
        [name, code],
        [String(code), name],
      ]),
  ),
);

export default { ...missing, ...constants, ...made, codes, constants, crc32 };
