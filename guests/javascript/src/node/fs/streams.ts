// fs.ReadStream and fs.WriteStream.

import type { AbortSignal } from "../../web/abort.ts";
import { Buffer } from "../buffer.ts";
import { process } from "../internal/process.ts";
import stream from "../stream.ts";
import { type PathLike, pathOf } from "./arguments.ts";
import { closeSync, fsyncSync, openSync, readSync, writeSync } from "./sync.ts";

type Done = (error?: Error | null) => void;

interface StreamOptions {
  flags?: unknown;
  mode?: unknown;
  fd?: number | { fd: number };
  encoding?: string;
  autoClose?: boolean;
  emitClose?: boolean;
  start?: number;
  end?: number;
  highWaterMark?: number;
  flush?: boolean;
  signal?: AbortSignal;
}

function optionsOf(options: unknown): StreamOptions {
  return (typeof options === "string" ? { encoding: options } : (options ?? {})) as StreamOptions;
}

function descriptorOf(fd: StreamOptions["fd"]): number | null {
  return fd === undefined || fd === null ? null : typeof fd === "number" ? fd : fd.fd;
}

/** Runs a call whose error goes to the callback. */
function attempt(done: Done, work: () => void): void {
  try {
    work();
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
}

export class ReadStream extends stream.Readable {
  fd: number | null;
  path: PathLike;
  flags: unknown;
  mode: unknown;
  start: number | undefined;
  end: number;
  bytesRead = 0;
  #position: number | undefined;
  #left: number;

  constructor(file: PathLike, options?: unknown) {
    const given = optionsOf(options);
    const { autoClose = true, emitClose = true, highWaterMark = 65536, encoding, signal } = given;
    super({ autoDestroy: autoClose, emitClose, highWaterMark, encoding, signal });
    this.fd = descriptorOf(given.fd);
    this.path = file;
    this.flags = given.flags ?? "r";
    this.mode = given.mode ?? 0o666;
    this.start = given.start;
    this.end = given.end ?? Number.POSITIVE_INFINITY;
    this.#position = given.start;
    this.#left = this.end - (given.start ?? 0) + 1;
    if (this.fd === null) {
      pathOf(file);
    }
  }

  get pending(): boolean {
    return this.fd === null;
  }

  _construct(done: Done): void {
    openOf(this, done);
  }

  _read(size: number): void {
    const chunk = Buffer.allocUnsafe(Math.max(0, Math.min(size, this.#left)));
    // Not at once: what is pushed in the same turn would become one chunk.
    process.nextTick(() => this.#readInto(chunk));
  }

  #readInto(chunk: Uint8Array): void {
    attempt(
      (error) => void (error && this.destroy(error)),
      () => {
        if (this.destroyed) {
          return;
        }
        const count = chunk.length === 0 ? 0 : readSync(this.fd as number, chunk, 0, chunk.length, this.#position);
        this.bytesRead += count;
        this.#left -= count;
        this.#position = this.#position === undefined ? undefined : this.#position + count;
        this.push(count === 0 ? null : chunk.subarray(0, count));
      },
    );
  }

  _destroy(error: Error | null, done: Done): void {
    closeOf(this, error, done);
  }

  close(done?: Done): void {
    if (done) {
      this.once("close", done);
    }
    this.destroy();
  }
}

export class WriteStream extends stream.Writable {
  fd: number | null;
  path: PathLike;
  flags: unknown;
  mode: unknown;
  bytesWritten = 0;
  #position: number | undefined;
  readonly #flush: boolean;

  constructor(file: PathLike, options?: unknown) {
    const given = optionsOf(options);
    const { autoClose = true, emitClose = true, highWaterMark = 16384, encoding, signal } = given;
    super({ autoDestroy: autoClose, emitClose, highWaterMark, decodeStrings: true, defaultEncoding: encoding ?? "utf8", signal });
    this.fd = descriptorOf(given.fd);
    this.path = file;
    this.flags = given.flags ?? (given.start === undefined ? "w" : "r+");
    this.mode = given.mode ?? 0o666;
    this.#position = given.start;
    this.#flush = Boolean(given.flush);
    if (this.fd === null) {
      pathOf(file);
    }
  }

  get pending(): boolean {
    return this.fd === null;
  }

  _construct(done: Done): void {
    openOf(this, done);
  }

  _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    attempt(done, () => {
      for (let at = 0; at < chunk.length; ) {
        const count = writeSync(this.fd as number, chunk, at, chunk.length - at, this.#position);
        at += count;
        this.bytesWritten += count;
        this.#position = this.#position === undefined ? undefined : this.#position + count;
      }
    });
  }

  _destroy(error: Error | null, done: Done): void {
    if (this.#flush && this.fd !== null && error === null) {
      fsyncSync(this.fd);
    }
    closeOf(this, error, done);
  }

  close(done?: Done): void {
    if (done) {
      this.once("close", done);
    }
    this.end();
  }
}

function openOf(file: ReadStream | WriteStream, done: Done): void {
  attempt(done, () => {
    if (file.fd === null) {
      file.fd = openSync(file.path, file.flags, file.mode);
      file.emit("open", file.fd);
    }
    file.emit("ready");
  });
}

function closeOf(file: { fd: number | null }, error: Error | null, done: Done): void {
  attempt(
    (problem) => done(error ?? problem),
    () => {
      const { fd } = file;
      file.fd = null;
      if (fd !== null) {
        closeSync(fd);
      }
    },
  );
}

export function createReadStream(file: PathLike, options?: unknown): ReadStream {
  return new ReadStream(file, options);
}

export function createWriteStream(file: PathLike, options?: unknown): WriteStream {
  return new WriteStream(file, options);
}
