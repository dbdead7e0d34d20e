// Paths, flags, encodings and positions as callers give them, in the one form that the rest uses.

import { AbortError, codes } from "../internal/node-errors.ts";
import { isURL, fileURLToPath } from "../internal/urls.ts";
import type { AbortSignal } from "../../web/abort.ts";
import type { URL } from "../../web/url.ts";
import { Buffer } from "../buffer.ts";

export type PathLike = string | Uint8Array | URL;

export const constants = Object.freeze({
  UV_FS_SYMLINK_DIR: 1,
  UV_FS_SYMLINK_JUNCTION: 2,
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  UV_DIRENT_UNKNOWN: 0,
  UV_DIRENT_FILE: 1,
  UV_DIRENT_DIR: 2,
  UV_DIRENT_LINK: 3,
  UV_DIRENT_FIFO: 4,
  UV_DIRENT_SOCKET: 5,
  UV_DIRENT_CHAR: 6,
  UV_DIRENT_BLOCK: 7,
  S_IFMT: 0o170000,
  S_IFREG: 0o100000,
  S_IFDIR: 0o040000,
  S_IFCHR: 0o020000,
  S_IFBLK: 0o060000,
  S_IFIFO: 0o010000,
  S_IFLNK: 0o120000,
  S_IFSOCK: 0o140000,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  UV_FS_O_FILEMAP: 0,
  O_NOCTTY: 0o400,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_DIRECTORY: 0o200000,
  O_NOATIME: 0o1000000,
  O_NOFOLLOW: 0o400000,
  O_SYNC: 0o4010000,
  O_DSYNC: 0o10000,
  O_DIRECT: 0o40000,
  O_NONBLOCK: 0o4000,
  S_IRWXU: 0o700,
  S_IRUSR: 0o400,
  S_IWUSR: 0o200,
  S_IXUSR: 0o100,
  S_IRWXG: 0o070,
  S_IRGRP: 0o040,
  S_IWGRP: 0o020,
  S_IXGRP: 0o010,
  S_IRWXO: 0o007,
  S_IROTH: 0o004,
  S_IWOTH: 0o002,
  S_IXOTH: 0o001,
  F_OK: 0,
  R_OK: 4,
  W_OK: 2,
  X_OK: 1,
  UV_FS_COPYFILE_EXCL: 1,
  COPYFILE_EXCL: 1,
  UV_FS_COPYFILE_FICLONE: 2,
  COPYFILE_FICLONE: 2,
  UV_FS_COPYFILE_FICLONE_FORCE: 4,
  COPYFILE_FICLONE_FORCE: 4,
});

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = constants;

const FLAGS: Readonly<Record<string, number>> = {
  "r": O_RDONLY,
  "rs": O_RDONLY | O_SYNC,
  "sr": O_RDONLY | O_SYNC,
  "r+": O_RDWR,
  "rs+": O_RDWR | O_SYNC,
  "sr+": O_RDWR | O_SYNC,
  "w": O_TRUNC | O_CREAT | O_WRONLY,
  "wx": O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  "xw": O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  "w+": O_TRUNC | O_CREAT | O_RDWR,
  "wx+": O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  "xw+": O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  "a": O_APPEND | O_CREAT | O_WRONLY,
  "ax": O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  "xa": O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  "as": O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  "a+": O_APPEND | O_CREAT | O_RDWR,
  "ax+": O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  "xa+": O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  "as+": O_APPEND | O_CREAT | O_RDWR | O_SYNC,
};

export function flagsOf(flags: unknown, byDefault: string): number {
  const given = flags ?? byDefault;
  if (typeof given === "number") {
    return given;
  }
  const found = FLAGS[given as string];
  if (found === undefined) {
    throw new codes.ERR_INVALID_ARG_VALUE("flags", given);
  }
  return found;
}

export function modeOf(mode: unknown, byDefault: number): number {
  return typeof mode === "string" ? Number.parseInt(mode, 8) : typeof mode === "number" ? mode : byDefault;
}

export function pathOf(path: unknown, name = "path"): string {
  const found = isURL(path) ? fileURLToPath(path) : path;
  const text = found instanceof Uint8Array ? Buffer.from(found).toString() : found;
  if (typeof text !== "string") {
    throw new codes.ERR_INVALID_ARG_TYPE(name, ["string", "Buffer", "URL"], path);
  }
  if (text.includes("\0")) {
    throw new codes.ERR_INVALID_ARG_VALUE(name, path, "must be a string, Uint8Array, or URL without null bytes");
  }
  return text;
}

export function descriptorOf(fd: unknown): number {
  if (typeof fd !== "number") {
    throw new codes.ERR_INVALID_ARG_TYPE("fd", "number", fd);
  }
  if (!Number.isInteger(fd)) {
    throw new codes.ERR_OUT_OF_RANGE("fd", "an integer", fd);
  }
  if (fd < 0 || fd > 0x7fffffff) {
    throw new codes.ERR_OUT_OF_RANGE("fd", ">= 0 && <= 2147483647", fd);
  }
  return fd;
}

/** Options that may also be given as just an encoding. */
export function optionsOf<T extends { encoding?: unknown }>(options: unknown): T {
  const given = typeof options === "string" ? { encoding: options } : (options ?? {});
  if (typeof given !== "object") {
    throw new codes.ERR_INVALID_ARG_TYPE("options", ["string", "Object"], options);
  }
  const { encoding } = given as T;
  if (encoding && encoding !== "buffer" && !Buffer.isEncoding(encoding as string)) {
    throw new codes.ERR_INVALID_ARG_VALUE("encoding", encoding, "is invalid encoding");
  }
  const { signal } = given as { signal?: AbortSignal };
  if (signal?.aborted) {
    throw new AbortError(undefined, { cause: signal.reason });
  }
  return given as T;
}

/** A name or a path, as text or in the encoding that the caller wants. */
export function encoded(text: string, encoding: unknown): string | Uint8Array {
  if (encoding === "buffer") {
    return Buffer.from(text);
  }
  return encoding && encoding !== "utf8" && encoding !== "utf-8" ? Buffer.from(text).toString(String(encoding)) : text;
}

export function bytesOf(data: unknown, encoding: unknown = "utf8"): Uint8Array {
  if (typeof data === "string") {
    return Buffer.from(data, (encoding ?? "utf8"));
  }
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  throw new codes.ERR_INVALID_ARG_TYPE("data", ["string", "Buffer", "TypedArray", "DataView"], data);
}

/** Seconds, a Date or text to milliseconds. */
export function millisecondsOf(time: unknown, name: string): number {
  const value = time instanceof Date ? time.getTime() : Number(time) * 1000;
  if (Number.isNaN(value)) {
    throw new codes.ERR_INVALID_ARG_TYPE(name, ["Date", "Time in seconds"], time);
  }
  return value;
}
