import { Buffer } from "../buffer.ts";
import events from "../events.ts";
import readline from "./lines.ts";
import { type PathLike, constants, optionsOf } from "./arguments.ts";
import { Dir } from "./folders.ts";
import type { Stats } from "./stats.ts";
import { createReadStream, createWriteStream } from "./streams.ts";
import * as sync from "./sync.ts";

export { constants };

/** The same call, whose error is a rejection. */
function later<A extends unknown[], R>(call: (...args: A) => R): (...args: A) => Promise<R> {
  return async (...args) => {
    await undefined;
    return call(...args);
  };
}

export class FileHandle extends events.EventEmitter {
  #fd: number;

  constructor(fd: number) {
    super();
    this.#fd = fd;
  }

  get fd(): number {
    return this.#fd;
  }

  async read(buffer?: ArrayBufferView | object, offset?: unknown, length?: number, position?: unknown): Promise<object> {
    const isView = ArrayBuffer.isView(buffer);
    const options = (isView ? {} : (buffer ?? {})) as { buffer?: ArrayBufferView };
    const target = isView ? buffer : (options.buffer ?? Buffer.alloc(16384));
    const bytesRead = isView
      ? sync.readSync(this.#open, target, offset as number, length, position)
      : sync.readSync(this.#open, target, options as { offset?: number });
    return { bytesRead, buffer: target };
  }

  async write(data: unknown, offset?: unknown, length?: unknown, position?: unknown): Promise<object> {
    return { bytesWritten: sync.writeSync(this.#open, data, offset, length, position), buffer: data };
  }

  async readv(buffers: readonly ArrayBufferView[], position?: unknown): Promise<object> {
    return { bytesRead: sync.readvSync(this.#open, buffers, position), buffers };
  }

  async writev(buffers: readonly ArrayBufferView[], position?: unknown): Promise<object> {
    return { bytesWritten: sync.writevSync(this.#open, buffers, position), buffers };
  }

  async readFile(options?: unknown): Promise<unknown> {
    return sync.readFileSync(this.#open, options);
  }

  async writeFile(data: unknown, options?: unknown): Promise<void> {
    sync.writeFileSync(this.#open, await collected(data), options);
  }

  async appendFile(data: unknown, options?: unknown): Promise<void> {
    sync.writeFileSync(this.#open, await collected(data), options);
  }

  readLines(options?: { encoding?: string }): AsyncIterable<string> {
    return readline(this.createReadStream({ ...options, encoding: options?.encoding ?? "utf8" }));
  }

  readableWebStream(): unknown {
    const fd = this.#open;
    return new globalThis.ReadableStream({
      type: "bytes",
      pull(controller: { enqueue(chunk: Uint8Array): void; close(): void }): void {
        const chunk = new Uint8Array(65536);
        const count = sync.readSync(fd, chunk);
        if (count === 0) {
          controller.close();
        } else {
          controller.enqueue(chunk.subarray(0, count));
        }
      },
    });
  }

  createReadStream(options?: object): AsyncIterable<string> {
    return createReadStream("", { ...options, fd: this.#open }) as unknown as AsyncIterable<string>;
  }

  createWriteStream(options?: object): unknown {
    return createWriteStream("", { ...options, fd: this.#open });
  }

  async stat(options?: { bigint?: boolean }): Promise<unknown> {
    return sync.fstatSync(this.#open, options);
  }

  async truncate(length?: number): Promise<void> {
    sync.ftruncateSync(this.#open, length);
  }

  async utimes(atime: unknown, mtime: unknown): Promise<void> {
    sync.futimesSync(this.#open, atime, mtime);
  }

  async sync(): Promise<void> {
    sync.fsyncSync(this.#open);
  }

  async datasync(): Promise<void> {
    sync.fsyncSync(this.#open);
  }

  async chmod(): Promise<never> {
    return sync.fchmodSync(this.#open);
  }

  async chown(): Promise<never> {
    return sync.fchownSync(this.#open);
  }

  async close(): Promise<void> {
    if (this.#fd >= 0) {
      const fd = this.#fd;
      this.#fd = -1;
      sync.closeSync(fd);
      this.emit("close");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #open(): number {
    if (this.#fd < 0) {
      throw Object.assign(new Error("EBADF: bad file descriptor"), { code: "EBADF", errno: -9 });
    }
    return this.#fd;
  }
}

/** Data that may also come as an iterable or a stream. */
async function collected(data: unknown): Promise<unknown> {
  if (typeof data !== "object" || data === null || ArrayBuffer.isView(data)) {
    return data;
  }
  if (!(Symbol.asyncIterator in data) && !(Symbol.iterator in data)) {
    return data;
  }
  const parts: Uint8Array[] = [];
  for await (const part of data as AsyncIterable<string | Uint8Array>) {
    parts.push(typeof part === "string" ? Buffer.from(part) : part);
  }
  return Buffer.concat(parts);
}

async function withSignal<T>(options: unknown, work: () => T): Promise<T> {
  optionsOf(options);
  await undefined;
  return work();
}

function fileOf(file: PathLike | FileHandle): PathLike | number {
  return file instanceof FileHandle ? file.fd : file;
}

export async function open(file: PathLike, flags?: unknown, mode?: unknown): Promise<FileHandle> {
  return new FileHandle(sync.openSync(file, flags, mode));
}

export async function readFile(file: PathLike | FileHandle, options?: unknown): Promise<unknown> {
  return withSignal(options, () => sync.readFileSync(fileOf(file), options));
}

export async function writeFile(file: PathLike | FileHandle, data: unknown, options?: unknown): Promise<void> {
  const all = await collected(data);
  return withSignal(options, () => sync.writeFileSync(fileOf(file), all, options));
}

export async function appendFile(file: PathLike | FileHandle, data: unknown, options?: unknown): Promise<void> {
  return withSignal(options, () => sync.appendFileSync(fileOf(file), data, options));
}

export async function opendir(folder: PathLike, options?: object): Promise<Dir> {
  return new Dir(folder, options);
}

export async function stat(file: PathLike, options?: { bigint?: boolean }): Promise<Stats> {
  return sync.statSync(file, { ...options, throwIfNoEntry: true }) as Stats;
}

export async function lstat(file: PathLike, options?: { bigint?: boolean }): Promise<Stats> {
  return sync.lstatSync(file, { ...options, throwIfNoEntry: true }) as Stats;
}

// biome-ignore lint/correctness/useYield: it throws at the first use, like the function it stands for
export async function* watch(): AsyncGenerator<never> {
  throw new Error("fs.watch is not available inside the sandbox: nothing tells it of changes to files");
}

export const access = later(sync.accessSync);
export const chmod = later(sync.chmodSync);
export const chown = later(sync.chownSync);
export const copyFile = later(sync.copyFileSync);
export const cp = later(sync.cpSync);
export const lchmod = later(sync.lchmodSync);
export const lchown = later(sync.lchownSync);
export const link = later(sync.linkSync);
export const lutimes = later(sync.lutimesSync);
export const mkdir = later(sync.mkdirSync);
export const mkdtemp = later(sync.mkdtempSync);
export const readdir = later(sync.readdirSync);
export const readlink = later(sync.readlinkSync);
export const realpath = later(sync.realpathSync);
export const rename = later(sync.renameSync);
export const rm = later(sync.rmSync);
export const rmdir = later(sync.rmdirSync);
export const statfs = later(sync.statfsSync);
export const symlink = later(sync.symlinkSync);
export const truncate = later(sync.truncateSync);
export const unlink = later(sync.unlinkSync);
export const utimes = later(sync.utimesSync);

export default {
  access,
  appendFile,
  chmod,
  chown,
  constants,
  copyFile,
  cp,
  lchmod,
  lchown,
  link,
  lstat,
  lutimes,
  mkdir,
  mkdtemp,
  open,
  opendir,
  readFile,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  symlink,
  truncate,
  unlink,
  utimes,
  watch,
  writeFile,
};
