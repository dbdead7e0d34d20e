/**
 * What the engine (../engine, in C) gives to the runtime. It is taken from the global object here, first thing, and
 * removed from there: no user code can reach it but through the runtime's own functions.
 */

/** Bytes, in any of the forms that the engine takes. */
export type Bytes = ArrayBufferLike | ArrayBufferView;

/** [dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks, atimeMs, mtimeMs, ctimeMs] */
export type StatNumbers = number[];

/**
 * Files by POSIX. Flags and modes are Linux's numbers. Errors have Node's `code`, `errno`, `syscall`, `path`, `dest`.
 * Relative paths start at `/`.
 */
export interface NativeFiles {
  open(path: string, flags: number, mode: number): number;
  close(fd: number): void;
  /** `position` -1: where the file stands. */
  read(fd: number, buffer: Bytes, offset: number, length: number, position: number): number;
  write(fd: number, buffer: Bytes, offset: number, length: number, position: number): number;
  stat(path: string): StatNumbers;
  lstat(path: string): StatNumbers;
  fstat(fd: number): StatNumbers;
  /** [name, kind, name, kind, …] with libuv's kinds: 0 unknown, 1 file, 2 folder, 3 link, 4 fifo, 6 char, 7 block. */
  readdir(path: string): (string | number)[];
  mkdir(path: string): void;
  rmdir(path: string): void;
  unlink(path: string): void;
  /** `mode`: 0 exists, 4 readable, 2 writable. */
  access(path: string, mode: number): void;
  rename(from: string, to: string): void;
  link(existing: string, path: string): void;
  symlink(target: string, path: string): void;
  readlink(path: string): string;
  truncate(path: string, length: number): void;
  ftruncate(fd: number, length: number): void;
  utimes(path: string, atimeMs: number, mtimeMs: number, followLinks: boolean): void;
  futimes(fd: number, atimeMs: number, mtimeMs: number): void;
  fsync(fd: number): void;
}

export interface Native {
  /** Starts an operation (JSON, guests/README.md) and returns its id. Use `loop.ts`. */
  submit(operation: string): number;
  /** JSON of what has ended. Use `loop.ts`. */
  wait(ids: number[], timeoutMs: number | undefined): string;
  /** Writes all of it to stdout (1) or stderr (2), unbuffered. Use `console.ts`. */
  write(fd: 1 | 2, data: string | Bytes): void;
  random(count: number): ArrayBuffer;
  /** Gives Math.random a state of this instance's own. */
  seed(): void;
  /** Milliseconds since 1970, with their fraction. */
  now(): number;
  /** Milliseconds from some point, with their fraction. */
  monotonic(): number;
  /** Bytes of the sandbox's memory. */
  memory(): number;
  /** Whether an allocation has failed in this request. */
  outOfMemory(): boolean;
  /** Frees garbage now. */
  collect(): void;

  /** UTF-8; halves of surrogate pairs become U+FFFD. */
  encode(text: string): ArrayBuffer;
  /** From UTF-8; what is none becomes U+FFFD, or with `fatal` the result is undefined. A BOM is kept. */
  decode(bytes: Bytes, fatal?: false): string;
  decode(bytes: Bytes, fatal: true): string | undefined;
  /** Standard base64 with padding. */
  toBase64(bytes: Bytes): string;
  /** undefined if it is not standard base64 with padding, without white space. */
  fromBase64(text: string): ArrayBuffer | undefined;
  /** Whether JSON has a number with at least 16 digits in a row. */
  hasLongNumber(json: string): boolean;

  /** Bytecode (base64) of a module. Throws SyntaxError. */
  compile(source: string, file: string): string;
  /** Runs a module from its bytecode; undefined if it is none. */
  load(code: string, url: string): Promise<unknown> | undefined;
  /**
   * Runs a script. Its declarations stay, and may be made again. The promise is of the value of its last expression.
   * Throws SyntaxError before any of it has run.
   */
  evaluate(source: string, file: string): Promise<{ value: unknown }>;
  /** What scripts have declared by let, const and class, by name: an object without a prototype, which is a copy. */
  declarations(): Record<string, unknown>;
  /** Whether the host is asked meanwhile if what runs is to end: then it ends as by `exit`, and `call` throws. */
  interruptible(on: boolean): void;
  /** Asks the host now. */
  isInterrupted(): boolean;
  /** Whether it has ended so. From here on the host is not asked any more. */
  wasInterrupted(): boolean;
  /** What the loaded module exports. */
  namespace(): Record<string, unknown> | undefined;
  /** Runs microtasks until none is left; throws what one of them throws. */
  runJobs(): void;
  /** Ends the program: nothing more of it runs, no `catch` and no `finally`, up to `call`, which then throws. */
  exit(): never;
  call<T>(callback: () => T): T;
  /** Undoes exit(). */
  resetExit(): void;
  /** Adds a microtask. */
  enqueue(callback: () => void): void;
  /** What an object is inside, whatever it says: "Object", "Array", "Date", "Map", "Map Iterator", "Proxy", …; undefined: no object. */
  kindOf(value: unknown): string | undefined;
  promiseState(value: unknown): [state: 0 | 1 | 2, value: unknown] | undefined;
  proxyParts(value: unknown): [target: unknown, handler: unknown] | undefined;
  /** Modules by specifier: the own enumerable properties of each are its exports. */
  setBuiltins(modules: Record<string, object>): void;
  setRejectionHook(hook: (promise: Promise<unknown>, reason: unknown, handled: boolean) => void): void;
  /** What serves the host's requests. */
  serve(run: (request: string) => string, compile: (request: string) => string): void;

  /** Hashes by number (node/internal/hashes.ts). The state of a computation may be copied; to finish uses it up. */
  hashStart(kind: number): ArrayBuffer;
  hashUpdate(kind: number, state: ArrayBuffer, bytes: Bytes): void;
  hashFinish(kind: number, state: ArrayBuffer): ArrayBuffer;
  pbkdf2(kind: number, password: Bytes, salt: Bytes, rounds: number, length: number): ArrayBuffer;
  /** N is 2 ** `log2N`. */
  scrypt(password: Bytes, salt: Bytes, log2N: number, r: number, p: number, length: number): ArrayBuffer;

  fs: NativeFiles;
}

const holder = globalThis as unknown as { native?: Native };

export const native = holder.native as Native;
delete holder.native;
