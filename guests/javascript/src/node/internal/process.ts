// The object `process`, without what makes it an EventEmitter: node/process.ts adds that.

import { exit } from "../../loop.ts";
import { native } from "../../native.ts";
import { print } from "../../output.ts";

/** The version that packages find: that of the library that bundle.mjs takes. */
export const VERSION = "20.20.2";

type Callback = (...args: unknown[]) => unknown;

const NANO = 1_000_000_000;
let startedAt: number | undefined;

function hrtime(previous?: readonly [number, number]): [number, number] {
  const now = native.monotonic() / 1000;
  let seconds = Math.floor(now);
  let nanos = Math.floor((now - seconds) * NANO);
  if (previous !== undefined) {
    seconds -= previous[0];
    nanos -= previous[1];
    if (nanos < 0) {
      seconds -= 1;
      nanos += NANO;
    }
  }
  return [seconds, nanos];
}

hrtime.bigint = (): bigint => BigInt(Math.round(native.monotonic() * 1_000_000));

function streamOf(fd: 1 | 2): Record<string, unknown> {
  const write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
    print(fd, typeof chunk === "string" ? chunk : native.decode(chunk));
    const callback = typeof encoding === "function" ? encoding : done;
    if (typeof callback === "function") {
      process.nextTick(callback as Callback);
    }
    return true;
  };
  return {
    fd,
    isTTY: false,
    writable: true,
    columns: 80,
    write,
    end: (chunk?: string | Uint8Array) => void (chunk === undefined || write(chunk)),
    hasColors: () => false,
    getColorDepth: () => 1,
  };
}

/** The engine's memory is one: what is in use of it cannot be told apart. */
function memoryUsage(all: number): Record<string, number> {
  return { rss: all, heapTotal: all, heapUsed: all, external: 0, arrayBuffers: 0 };
}

export const process = {
  title: "capsule",
  version: `v${VERSION}`,
  versions: { node: VERSION, quickjs: "", capsule: "", modules: "115", openssl: "" } as Record<string, string>,
  release: { name: "node", lts: "Iron" },
  platform: "wasi",
  arch: "wasm32",
  pid: 1,
  ppid: 0,
  argv: ["capsule"] as string[],
  argv0: "capsule",
  execArgv: [] as string[],
  execPath: "/capsule",
  env: {} as Record<string, string>,
  exitCode: undefined as number | undefined,
  features: { inspector: false } as Record<string, boolean>,
  config: { target_defaults: {}, variables: {} },
  noDeprecation: false,
  stdout: streamOf(1),
  stderr: streamOf(2),
  stdin: { fd: 0, isTTY: false, readable: false } as Record<string, unknown>,
  hrtime,

  cwd: (): string => "/",
  chdir(directory: string): never {
    throw new Error(`process.chdir("${directory}"): the working directory in the sandbox is always "/"`);
  },
  exit(code?: number | string): never {
    return exit(Number(code ?? process.exitCode ?? 0));
  },
  abort(): never {
    return exit(134);
  },
  kill(): never {
    throw new Error("process.kill() is not available inside the sandbox: there are no other processes in it");
  },
  umask: (): number => 0o022,
  getuid: (): number => 0,
  geteuid: (): number => 0,
  getgid: (): number => 0,
  getegid: (): number => 0,

  nextTick(callback: Callback, ...args: unknown[]): void {
    if (typeof callback !== "function") {
      throw new TypeError('The "callback" argument must be of type function');
    }
    queueMicrotask(() => {
      callback(...args);
    });
  },

  uptime(): number {
    const now = native.monotonic();
    startedAt ??= now;
    return (now - startedAt) / 1000;
  },

  memoryUsage: Object.assign(() => memoryUsage(native.memory()), { rss: () => native.memory() }),
  resourceUsage: () => ({ maxRSS: native.memory() / 1024 }),
  cpuUsage: () => ({ user: Math.round(native.monotonic() * 1000), system: 0 }),

  emitWarning(warning: string | Error, options?: string | { type?: string; code?: string }, code?: string): void {
    const named = typeof options === "object" ? options : { type: options, code };
    const name = typeof warning === "string" ? (named.type ?? "Warning") : warning.name;
    const message = typeof warning === "string" ? warning : warning.message;
    if (name === "DeprecationWarning" && process.noDeprecation) {
      return;
    }
    const label = named.code === undefined ? "" : `[${named.code}] `;
    print(2, `${label}${name}: ${message}\n`);
  },

  binding(name: string): never {
    throw new Error(`No such module: ${name}`);
  },
};

/** Called for each request, before the program is loaded. */
export function prepareProcess(environment: Readonly<Record<string, string>>, file: string): void {
  process.env = { ...environment };
  process.argv = [process.execPath, file];
}
