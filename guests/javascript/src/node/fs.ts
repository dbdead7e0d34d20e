import type { PathLike } from "./fs/arguments.ts";
import { constants } from "./fs/arguments.ts";
import { Dir } from "./fs/folders.ts";
import promises from "./fs/promises.ts";
import { Dirent, Stats } from "./fs/stats.ts";
import { ReadStream, WriteStream, createReadStream, createWriteStream } from "./fs/streams.ts";
import * as sync from "./fs/sync.ts";
import { Blob } from "./buffer.ts";
import { codes } from "./internal/node-errors.ts";
import { process } from "./internal/process.ts";

export * from "./fs/sync.ts";
export { Dir, Dirent, ReadStream, Stats, WriteStream, constants, createReadStream, createWriteStream, promises };
export const { F_OK, R_OK, W_OK, X_OK } = constants;

type Call = (...args: never[]) => unknown;
type Callback = (error: unknown, ...results: unknown[]) => void;

function callbackOf(args: unknown[]): Callback {
  const callback = args.at(-1);
  if (typeof callback !== "function") {
    throw new codes.ERR_INVALID_ARG_TYPE("cb", "Function", args.length > 1 ? callback : undefined);
  }
  args.pop();
  return callback as Callback;
}

/** The same call with a callback as its last argument: it is done at once, and told of later. */
function withCallback(call: Call, results: (result: unknown, args: unknown[]) => unknown[] = (result) => [result]): (...args: unknown[]) => void {
  return (...args) => {
    const callback = callbackOf(args);
    let told: unknown[];
    try {
      told = [null, ...results((call as (...given: unknown[]) => unknown)(...args), args)];
    } catch (error) {
      if (typeof (error as { syscall?: unknown }).syscall !== "string" && !(error instanceof DOMException)) {
        throw error;
      }
      told = [error];
    }
    process.nextTick(() => callback(...(told as [unknown])));
  };
}

/** What `util.promisify` gives for a function whose callback takes more than one result. */
function promisified(call: (...args: unknown[]) => void, names: readonly string[]): (...args: unknown[]) => void {
  const custom = (...args: unknown[]): Promise<object> =>
    new Promise((resolve, reject) => {
      call(...args, (error: unknown, ...results: unknown[]) =>
        error ? reject(error) : resolve(Object.fromEntries(names.map((name, index) => [name, results[index]]))),
      );
    });
  return Object.defineProperty(call, Symbol.for("nodejs.util.promisify.custom"), { value: custom });
}

export const access = withCallback(sync.accessSync, () => []);
export const appendFile = withCallback(sync.appendFileSync, () => []);
export const chmod = withCallback(sync.chmodSync);
export const chown = withCallback(sync.chownSync);
export const close = withCallback(sync.closeSync, () => []);
export const copyFile = withCallback(sync.copyFileSync, () => []);
export const cp = withCallback(sync.cpSync, () => []);
export const fchmod = withCallback(sync.fchmodSync);
export const fchown = withCallback(sync.fchownSync);
export const fdatasync = withCallback(sync.fdatasyncSync, () => []);
export const fstat = withCallback(sync.fstatSync);
export const fsync = withCallback(sync.fsyncSync, () => []);
export const ftruncate = withCallback(sync.ftruncateSync, () => []);
export const futimes = withCallback(sync.futimesSync, () => []);
export const lchmod = withCallback(sync.lchmodSync);
export const lchown = withCallback(sync.lchownSync);
export const link = withCallback(sync.linkSync, () => []);
export const lstat = withCallback(sync.lstatSync);
export const lutimes = withCallback(sync.lutimesSync, () => []);
export const mkdir = withCallback(sync.mkdirSync);
export const mkdtemp = withCallback(sync.mkdtempSync);
export const open = withCallback(sync.openSync);
export const readFile = withCallback(sync.readFileSync);
export const readdir = withCallback(sync.readdirSync);
export const readlink = withCallback(sync.readlinkSync);
export const realpath = withCallback(sync.realpathSync);
export const rename = withCallback(sync.renameSync, () => []);
export const rm = withCallback(sync.rmSync, () => []);
export const rmdir = withCallback(sync.rmdirSync, () => []);
export const stat = withCallback(sync.statSync);
export const statfs = withCallback(sync.statfsSync);
export const symlink = withCallback(sync.symlinkSync, () => []);
export const truncate = withCallback(sync.truncateSync, () => []);
export const unlink = withCallback(sync.unlinkSync, () => []);
export const utimes = withCallback(sync.utimesSync, () => []);
export const writeFile = withCallback(sync.writeFileSync, () => []);

const moved = (result: unknown, args: unknown[]): unknown[] => [result, args[1]];
export const read = promisified(withCallback(sync.readSync, moved), ["bytesRead", "buffer"]);
export const write = promisified(withCallback(sync.writeSync, moved), ["bytesWritten", "buffer"]);
export const readv = promisified(withCallback(sync.readvSync, moved), ["bytesRead", "buffers"]);
export const writev = promisified(withCallback(sync.writevSync, moved), ["bytesWritten", "buffers"]);

export function exists(file: PathLike, callback: (found: boolean) => void): void {
  const found = sync.existsSync(file);
  process.nextTick(() => callback(found));
}
Object.defineProperty(exists, Symbol.for("nodejs.util.promisify.custom"), {
  value: async (file: PathLike) => sync.existsSync(file),
});

export function opendirSync(folder: PathLike, options?: object): Dir {
  return new Dir(folder, options);
}
export const opendir = withCallback(opendirSync);

export async function openAsBlob(file: PathLike, options?: { type?: string }): Promise<Blob> {
  return new Blob([sync.readFileSync(file) as Uint8Array], options);
}

function unwatchable(): never {
  throw new Error("fs.watch and fs.watchFile are not available inside the sandbox: nothing tells it of changes to files");
}
export const watch = unwatchable;
export const watchFile = unwatchable;

export function unwatchFile(): void {}

export default {
  ...sync,
  Dir,
  Dirent,
  F_OK,
  R_OK,
  ReadStream,
  Stats,
  W_OK,
  WriteStream,
  X_OK,
  access,
  appendFile,
  chmod,
  chown,
  close,
  constants,
  copyFile,
  cp,
  createReadStream,
  createWriteStream,
  exists,
  fchmod,
  fchown,
  fdatasync,
  fstat,
  fsync,
  ftruncate,
  futimes,
  lchmod,
  lchown,
  link,
  lstat,
  lutimes,
  mkdir,
  mkdtemp,
  open,
  openAsBlob,
  opendir,
  opendirSync,
  promises,
  read,
  readFile,
  readdir,
  readlink,
  readv,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  symlink,
  truncate,
  unlink,
  unwatchFile,
  utimes,
  watch,
  watchFile,
  write,
  writeFile,
  writev,
};
