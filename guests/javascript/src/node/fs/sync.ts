// Files, at once: the calls of WASI do not wait for anything but the disk. The other forms of node:fs are made of these.

import { native } from "../../native.ts";
import { Buffer } from "../buffer.ts";
import { codes, systemError } from "../internal/node-errors.ts";
import path from "../path.ts";
import {
  type PathLike,
  bytesOf,
  constants,
  descriptorOf,
  encoded,
  flagsOf,
  millisecondsOf,
  modeOf,
  optionsOf,
  pathOf,
} from "./arguments.ts";
import { BigIntStats, Dirent, Stats } from "./stats.ts";

const files = native.fs;
const CHUNK = 256 * 1024;

type Encoding = { encoding?: unknown };
type Target = PathLike | number;

export function openSync(file: PathLike, flags?: unknown, mode?: unknown): number {
  return files.open(pathOf(file), flagsOf(flags, "r"), modeOf(mode, 0o666));
}

export function closeSync(fd: number): void {
  files.close(descriptorOf(fd));
}

interface Span {
  offset?: number;
  length?: number;
  position?: number | bigint | null;
}

function positionOf(position: unknown): number {
  return position === null || position === undefined ? -1 : Number(position);
}

/** Where in a buffer to read to or write from. Raises Node's errors for what is outside of it. */
function spanOf(buffer: ArrayBufferView, offset: unknown, length: unknown): [number, number] {
  const start = offset === undefined || offset === null ? 0 : Number(offset);
  if (!(start >= 0 && start <= buffer.byteLength)) {
    throw new codes.ERR_OUT_OF_RANGE("offset", `>= 0 && <= ${buffer.byteLength}`, offset);
  }
  const size = length === undefined || length === null ? buffer.byteLength - start : Number(length);
  if (!(size >= 0 && size <= buffer.byteLength - start)) {
    throw new codes.ERR_OUT_OF_RANGE("length", `>= 0 && <= ${buffer.byteLength - start}`, length);
  }
  return [start, size];
}

function checkView(buffer: unknown): asserts buffer is ArrayBufferView {
  if (!ArrayBuffer.isView(buffer)) {
    throw new codes.ERR_INVALID_ARG_TYPE("buffer", ["Buffer", "TypedArray", "DataView"], buffer);
  }
}

export function readSync(fd: number, buffer: ArrayBufferView, offset?: number | Span, length?: number, position?: unknown): number {
  checkView(buffer);
  const span: Span = typeof offset === "object" && offset !== null ? offset : ({ offset, length, position } as Span);
  const [start, size] = spanOf(buffer, span.offset, span.length);
  return files.read(descriptorOf(fd), buffer, start, size, positionOf(span.position));
}

export function writeSync(fd: number, data: unknown, offset?: unknown, length?: unknown, position?: unknown): number {
  if (typeof data === "string") {
    const bytes = bytesOf(data, length);
    return files.write(descriptorOf(fd), bytes, 0, bytes.length, positionOf(offset));
  }
  checkView(data);
  const span: Span = typeof offset === "object" && offset !== null ? offset : ({ offset, length, position } as Span);
  const [start, size] = spanOf(data, span.offset, span.length);
  return files.write(descriptorOf(fd), data, start, size, positionOf(span.position));
}

/** Moves on by what each call moved, until all buffers are full, empty, or at the end. */
function vectored(buffers: readonly ArrayBufferView[], position: unknown, move: (view: ArrayBufferView, at: number) => number): number {
  let total = 0;
  const start = positionOf(position);
  for (const buffer of buffers) {
    checkView(buffer);
    const moved = move(buffer, start < 0 ? -1 : start + total);
    total += moved;
    if (moved < buffer.byteLength) {
      break;
    }
  }
  return total;
}

export function readvSync(fd: number, buffers: readonly ArrayBufferView[], position?: unknown): number {
  return vectored(buffers, position, (view, at) => files.read(descriptorOf(fd), view, 0, view.byteLength, at));
}

export function writevSync(fd: number, buffers: readonly ArrayBufferView[], position?: unknown): number {
  return vectored(buffers, position, (view, at) => writeFully(descriptorOf(fd), bytesOf(view), at));
}

function writeFully(fd: number, bytes: Uint8Array, position = -1): number {
  let done = 0;
  while (done < bytes.length) {
    done += files.write(fd, bytes, done, bytes.length - done, position < 0 ? -1 : position + done);
  }
  return done;
}

/** What is left to read of an open file. */
function readRest(fd: number): Buffer {
  const stats = files.fstat(fd);
  if (((stats[1] as number) & constants.S_IFMT) === constants.S_IFDIR) {
    throw systemError("EISDIR", "illegal operation on a directory", 21, "read");
  }
  const known = stats[8] as number;
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const part = new Uint8Array(Math.max(1, parts.length === 0 && known > 0 ? known + 1 : CHUNK));
    const count = files.read(fd, part, 0, part.length, -1);
    if (count === 0) {
      break;
    }
    size += count;
    parts.push(part.subarray(0, count));
  }
  const [only] = parts;
  return parts.length === 1 && only ? Buffer.from(only.buffer as ArrayBuffer, 0, size) : Buffer.concat(parts, size);
}

function withFile<T>(file: Target, flags: number, mode: number, use: (fd: number) => T): T {
  if (typeof file === "number" && Number.isInteger(file)) {
    return use(descriptorOf(file));
  }
  const fd = files.open(pathOf(file as PathLike), flags, mode);
  try {
    return use(fd);
  } finally {
    files.close(fd);
  }
}

export function readFileSync(file: Target, options?: unknown): string | Buffer {
  const { encoding, flag } = optionsOf<Encoding & { flag?: unknown }>(options);
  const content = withFile(file, flagsOf(flag, "r"), 0o666, readRest);
  return encoding && encoding !== "buffer" ? content.toString(String(encoding)) : content;
}

interface WriteOptions extends Encoding {
  flag?: unknown;
  mode?: unknown;
  flush?: boolean;
}

export function writeFileSync(file: Target, data: unknown, options?: unknown): void {
  const { encoding, flag, mode, flush } = optionsOf<WriteOptions>(options);
  const bytes = bytesOf(data, encoding);
  withFile(file, flagsOf(flag, "w"), modeOf(mode, 0o666), (fd) => {
    writeFully(fd, bytes);
    if (flush) {
      files.fsync(fd);
    }
  });
}

export function appendFileSync(file: Target, data: unknown, options?: unknown): void {
  const given = optionsOf<WriteOptions>(options);
  writeFileSync(file, data, { ...given, flag: given.flag ?? "a" });
}

type StatOptions = { bigint?: boolean; throwIfNoEntry?: boolean } | undefined;

function statsOf(take: () => number[], options: StatOptions): Stats | BigIntStats | undefined {
  let numbers: number[];
  try {
    numbers = take();
  } catch (error) {
    const { code } = error as { code?: string };
    if (options?.throwIfNoEntry === false && (code === "ENOENT" || code === "ENOTDIR")) {
      return undefined;
    }
    throw error;
  }
  return options?.bigint ? new BigIntStats(numbers) : new Stats(numbers);
}

export function statSync(file: PathLike, options?: StatOptions): Stats | BigIntStats | undefined {
  return statsOf(() => files.stat(pathOf(file)), options);
}

export function lstatSync(file: PathLike, options?: StatOptions): Stats | BigIntStats | undefined {
  return statsOf(() => files.lstat(pathOf(file)), options);
}

export function fstatSync(fd: number, options?: StatOptions): Stats | BigIntStats | undefined {
  return statsOf(() => files.fstat(descriptorOf(fd)), options);
}

export function existsSync(file: PathLike): boolean {
  try {
    files.access(pathOf(file), constants.F_OK);
    return true;
  } catch {
    return false;
  }
}

export function accessSync(file: PathLike, mode: number = constants.F_OK): void {
  files.access(pathOf(file), mode);
}

export function mkdirSync(file: PathLike, options?: unknown): string | undefined {
  const name = pathOf(file);
  const recursive = typeof options === "object" && options !== null && Boolean((options as { recursive?: unknown }).recursive);
  if (!recursive) {
    files.mkdir(name);
    return undefined;
  }
  return makeFolders(path.resolve(name), name);
}

/** The first folder that had to be made. */
function makeFolders(folder: string, asked: string): string | undefined {
  const stats = statSync(folder, { throwIfNoEntry: false }) as Stats | undefined;
  if (stats !== undefined) {
    if (!stats.isDirectory()) {
      throw systemError("EEXIST", "file already exists", 17, "mkdir", asked);
    }
    return undefined;
  }
  const parent = path.dirname(folder);
  const first = parent === folder ? undefined : makeFolders(parent, asked);
  files.mkdir(folder);
  return first ?? folder;
}

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

export function mkdtempSync(prefix: PathLike, options?: unknown): string | Uint8Array {
  const { encoding } = optionsOf(options);
  const random = new Uint8Array(native.random(6));
  const name = pathOf(prefix, "prefix") + Array.from(random, (byte) => LETTERS[byte % LETTERS.length]).join("");
  try {
    files.mkdir(name);
  } catch (error) {
    const { code, errno } = error as { code: string; errno: number };
    throw systemError(code, String((error as Error).message).split(/: |, /)[1] ?? "", -errno, "mkdtemp", `${pathOf(prefix)}XXXXXX`);
  }
  return encoded(name, encoding);
}

interface ListOptions extends Encoding {
  withFileTypes?: boolean;
  recursive?: boolean;
}

export function readdirSync(folder: PathLike, options?: unknown): (string | Uint8Array | Dirent)[] {
  const { encoding, withFileTypes, recursive } = optionsOf<ListOptions>(options);
  const root = pathOf(folder);
  const found: (string | Uint8Array | Dirent)[] = [];
  const pending = [""];
  for (let inner = pending.shift(); inner !== undefined; inner = pending.shift()) {
    const current = inner === "" ? root : path.join(root, inner);
    const entries = files.readdir(current);
    for (let index = 0; index < entries.length; index += 2) {
      const name = entries[index] as string;
      const kind = entries[index + 1] as number;
      const below = inner === "" ? name : `${inner}/${name}`;
      found.push(withFileTypes ? new Dirent(encoded(name, encoding), current, kind) : encoded(below, encoding));
      if (recursive && kind === constants.UV_DIRENT_DIR) {
        pending.push(below);
      }
    }
  }
  return found;
}

export function rmdirSync(folder: PathLike, options?: { recursive?: boolean }): void {
  if (options?.recursive) {
    rmSync(folder, { recursive: true, force: true });
  } else {
    files.rmdir(pathOf(folder));
  }
}

export function unlinkSync(file: PathLike): void {
  files.unlink(pathOf(file));
}

export function rmSync(file: PathLike, options: { recursive?: boolean; force?: boolean } = {}): void {
  const name = pathOf(file);
  const stats = lstatSync(name, { throwIfNoEntry: !options?.force }) as Stats | undefined;
  if (stats === undefined) {
    return;
  }
  if (!stats.isDirectory()) {
    files.unlink(name);
    return;
  }
  if (!options?.recursive) {
    throw new codes.ERR_FS_EISDIR({ code: "EISDIR", message: "is a directory", path: name, syscall: "rm", errno: 21 });
  }
  removeFolder(name);
}

function removeFolder(folder: string): void {
  const entries = files.readdir(folder);
  for (let index = 0; index < entries.length; index += 2) {
    const entry = path.join(folder, entries[index] as string);
    if (entries[index + 1] === constants.UV_DIRENT_DIR) {
      removeFolder(entry);
    } else {
      files.unlink(entry);
    }
  }
  files.rmdir(folder);
}

export function renameSync(from: PathLike, to: PathLike): void {
  files.rename(pathOf(from, "oldPath"), pathOf(to, "newPath"));
}

export function linkSync(existing: PathLike, file: PathLike): void {
  files.link(pathOf(existing, "existingPath"), pathOf(file, "newPath"));
}

export function symlinkSync(target: PathLike, file: PathLike): void {
  files.symlink(pathOf(target, "target"), pathOf(file));
}

export function readlinkSync(file: PathLike, options?: unknown): string | Uint8Array {
  return encoded(files.readlink(pathOf(file)), optionsOf(options).encoding);
}

const MAX_LINKS = 40;

export function realpathSync(file: PathLike, options?: unknown): string | Uint8Array {
  const { encoding } = optionsOf(options);
  const name = pathOf(file);
  let pending = path.resolve(name).split("/").filter(Boolean);
  let resolved = "/";
  let links = 0;
  for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
    const next = path.join(resolved, part);
    const stats = lstatSync(next) as Stats;
    if (!stats.isSymbolicLink()) {
      resolved = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) {
      throw systemError("ELOOP", "too many symbolic links encountered", 40, "realpath", name);
    }
    pending = [...path.resolve(resolved, files.readlink(next)).split("/").filter(Boolean), ...pending];
    resolved = "/";
  }
  return encoded(resolved, encoding);
}
realpathSync.native = realpathSync;

export function truncateSync(file: Target, length = 0): void {
  if (typeof file === "number") {
    ftruncateSync(file, length);
  } else {
    withFile(file, constants.O_RDWR, 0, (fd) => ftruncateSync(fd, length));
  }
}

export function ftruncateSync(fd: number, length = 0): void {
  files.ftruncate(descriptorOf(fd), Math.max(0, length ?? 0));
}

export function fsyncSync(fd: number): void {
  files.fsync(descriptorOf(fd));
}

export const fdatasyncSync = fsyncSync;

export function utimesSync(file: PathLike, atime: unknown, mtime: unknown): void {
  files.utimes(pathOf(file), millisecondsOf(atime, "atime"), millisecondsOf(mtime, "mtime"), true);
}

export function lutimesSync(file: PathLike, atime: unknown, mtime: unknown): void {
  files.utimes(pathOf(file), millisecondsOf(atime, "atime"), millisecondsOf(mtime, "mtime"), false);
}

export function futimesSync(fd: number, atime: unknown, mtime: unknown): void {
  files.futimes(descriptorOf(fd), millisecondsOf(atime, "atime"), millisecondsOf(mtime, "mtime"));
}

export function copyFileSync(from: PathLike, to: PathLike, mode = 0): void {
  const source = pathOf(from, "src");
  const target = pathOf(to, "dest");
  const create = constants.O_WRONLY | constants.O_CREAT;
  const exclusive = mode & constants.COPYFILE_EXCL ? constants.O_EXCL : 0;
  try {
    const stats = statSync(source) as Stats;
    withFile(source, constants.O_RDONLY, 0, (input) => {
      withFile(target, create | exclusive, stats.mode & 0o777, (output) => {
        const [device, , , , , , , inode] = files.fstat(output);
        if (device === stats.dev && inode === stats.ino) {
          return;
        }
        const chunk = new Uint8Array(CHUNK);
        files.ftruncate(output, 0);
        for (let count = files.read(input, chunk, 0, CHUNK, -1); count > 0; count = files.read(input, chunk, 0, CHUNK, -1)) {
          writeFully(output, chunk.subarray(0, count));
        }
      });
    });
  } catch (error) {
    const { code, errno } = error as { code?: string; errno: number };
    if (code === undefined) {
      throw error;
    }
    throw systemError(code, String((error as Error).message).split(/: |, /)[1] ?? "", -errno, "copyfile", source, target);
  }
}

interface CopyOptions {
  recursive?: boolean;
  force?: boolean;
  errorOnExist?: boolean;
  filter?: (source: string, target: string) => boolean;
}

export function cpSync(from: PathLike, to: PathLike, options: CopyOptions = {}): void {
  const source = pathOf(from, "src");
  const target = pathOf(to, "dest");
  const { recursive = false, force = true, errorOnExist = false, filter } = options ?? {};
  if (filter !== undefined && !filter(source, target)) {
    return;
  }
  const stats = lstatSync(source) as Stats;
  if (stats.isDirectory()) {
    if (!recursive) {
      throw systemError("ERR_FS_EISDIR", "Recursive option not enabled, cannot copy a directory", 21, "cp", source);
    }
    mkdirSync(target, { recursive: true });
    for (const name of readdirSync(source) as string[]) {
      cpSync(path.join(source, name), path.join(target, name), options);
    }
  } else if (force || !existsSync(target)) {
    copyFileSync(source, target);
  } else if (errorOnExist) {
    throw systemError("ERR_FS_CP_EEXIST", "Target already exists", 17, "cp", target);
  }
}

/** What WASI does not have at all. */
function missing(syscall: string): (file: PathLike | number) => never {
  return (file) => {
    throw systemError("ENOSYS", "function not implemented", 38, syscall, String(file));
  };
}

export const chmodSync = missing("chmod");
export const chownSync = missing("chown");
export const fchmodSync = missing("fchmod");
export const fchownSync = missing("fchown");
export const lchmodSync = missing("lchmod");
export const lchownSync = missing("lchown");
export const statfsSync = missing("statfs");
