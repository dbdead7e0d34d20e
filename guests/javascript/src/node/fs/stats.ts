import type { StatNumbers } from "../../native.ts";
import { constants } from "./arguments.ts";

const { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } = constants;

const NAMES = ["dev", "mode", "nlink", "uid", "gid", "rdev", "blksize", "ino", "size", "blocks"] as const;
const TIMES = ["atime", "mtime", "ctime", "birthtime"] as const;
const KINDS = {
  isDirectory: S_IFDIR,
  isFile: S_IFREG,
  isBlockDevice: S_IFBLK,
  isCharacterDevice: S_IFCHR,
  isSymbolicLink: S_IFLNK,
  isFIFO: S_IFIFO,
  isSocket: S_IFSOCK,
} as const;

type Numbers<N> = Record<(typeof NAMES)[number] | `${(typeof TIMES)[number]}Ms`, N>;
type Kinds = Record<keyof typeof KINDS, () => boolean>;

/** There is no time of creation in WASI: it is that of the last change of the inode. */
function timesOf(numbers: StatNumbers): readonly number[] {
  const [atime, mtime, ctime] = numbers.slice(NAMES.length) as [number, number, number];
  return [atime, mtime, ctime, ctime];
}

class StatsBase {}

for (const [name, kind] of Object.entries(KINDS)) {
  Object.defineProperty(StatsBase.prototype, name, {
    configurable: true,
    enumerable: true,
    writable: true,
    value(this: { mode: number | bigint }): boolean {
      return (Number(this.mode) & S_IFMT) === kind;
    },
  });
}

export interface Stats extends Numbers<number>, Kinds, Record<(typeof TIMES)[number], Date> {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor sets all of the interface's fields
export class Stats extends StatsBase {
  constructor(numbers: StatNumbers) {
    super();
    const times = timesOf(numbers);
    const all = this as unknown as Record<string, number | Date>;
    NAMES.forEach((name, index) => {
      all[name] = numbers[index] as number;
    });
    TIMES.forEach((name, index) => {
      all[`${name}Ms`] = times[index] as number;
    });
    TIMES.forEach((name, index) => {
      all[name] = new Date((times[index] as number) + 0.5);
    });
  }
}

export interface BigIntStats extends Numbers<bigint>, Kinds, Record<(typeof TIMES)[number], Date> {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor sets all of the interface's fields
export class BigIntStats extends StatsBase {
  constructor(numbers: StatNumbers) {
    super();
    const times = timesOf(numbers);
    const all = this as unknown as Record<string, bigint | Date>;
    NAMES.forEach((name, index) => {
      all[name] = BigInt(Math.trunc(numbers[index] as number));
    });
    TIMES.forEach((name, index) => {
      all[`${name}Ms`] = BigInt(Math.trunc(times[index] as number));
    });
    TIMES.forEach((name, index) => {
      all[`${name}Ns`] = BigInt(Math.round((times[index] as number) * 1e6));
    });
    TIMES.forEach((name, index) => {
      all[name] = new Date((times[index] as number) + 0.5);
    });
  }
}

const { UV_DIRENT_BLOCK, UV_DIRENT_CHAR, UV_DIRENT_DIR, UV_DIRENT_FIFO, UV_DIRENT_FILE, UV_DIRENT_LINK, UV_DIRENT_SOCKET } =
  constants;
const kind = Symbol("type");

export class Dirent {
  declare readonly [kind]: number;

  constructor(
    readonly name: string | Uint8Array,
    readonly parentPath: string,
    type: number,
  ) {
    Object.defineProperty(this, "path", { value: parentPath, writable: true, enumerable: true, configurable: true });
    Object.defineProperty(this, kind, { value: type, enumerable: true });
  }

  isDirectory(): boolean {
    return this[kind] === UV_DIRENT_DIR;
  }

  isFile(): boolean {
    return this[kind] === UV_DIRENT_FILE;
  }

  isBlockDevice(): boolean {
    return this[kind] === UV_DIRENT_BLOCK;
  }

  isCharacterDevice(): boolean {
    return this[kind] === UV_DIRENT_CHAR;
  }

  isSymbolicLink(): boolean {
    return this[kind] === UV_DIRENT_LINK;
  }

  isFIFO(): boolean {
    return this[kind] === UV_DIRENT_FIFO;
  }

  isSocket(): boolean {
    return this[kind] === UV_DIRENT_SOCKET;
  }
}
