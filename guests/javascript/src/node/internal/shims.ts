// What the files of Node's library require of Node's other internal files. It must not import any of those
// itself: they are loaded in a circle.

import { aborted } from "./aborted.ts";
import { AbortController } from "../../web/abort.ts";
import { EventTarget } from "../../web/events.ts";
import { isAvailable } from "./names.ts";

const unavailable = (what: string) => (): never => {
  throw new Error(`${what} is not available inside the sandbox`);
};

const isStream = (value: unknown): value is { pipe?: unknown; write?: unknown; on?: unknown } =>
  typeof value === "object" && value !== null && typeof (value as { on?: unknown }).on === "function";

const SHIMS: Readonly<Record<string, () => object>> = {
  "internal/abort_controller": () => ({
    AbortController,
    aborted,
    transferableAbortController: () => new AbortController(),
    transferableAbortSignal: (signal: unknown) => signal,
  }),
  "internal/bootstrap/realm": () => ({ BuiltinModule: { exists: isAvailable } }),
  "internal/console/global": () => ({
    get log(): unknown {
      // biome-ignore lint/suspicious/noConsole: the program's own, which Node's sources log to
      return console.log;
    },
    get warn(): unknown {
      // biome-ignore lint/suspicious/noConsole: the program's own, which Node's sources log to
      return console.warn;
    },
  }),
  "internal/crypto/keys": () => ({ isCryptoKey: () => false, isKeyObject: () => false }),
  "internal/crypto/util": () => ({ kKeyObject: Symbol("keyObject") }),
  "internal/event_target": () => ({
    isEventTarget: (value: unknown) => value instanceof EventTarget,
    kEvents: Symbol("events"),
    kResistStopPropagation: Symbol("resistStopPropagation"),
  }),
  "internal/options": () => ({ getOptionValue: () => undefined }),
  "internal/process/execution": () => ({ tryGetCwd: () => "/" }),
  "internal/process/task_queues": () => ({ queueMicrotask: (callback: () => void) => queueMicrotask(callback) }),
  "internal/process/warning": () => ({ emitWarningSync: () => undefined }),
  "internal/source_map/source_map_cache": () => ({ sourceMapCacheToObject: () => undefined }),
  "internal/streams/utils": () => ({
    isNodeStream: (value: unknown) => isStream(value) && ("pipe" in value || "write" in value),
    isReadableStream: (value: unknown) => value instanceof globalThis.ReadableStream,
    isWritableStream: (value: unknown) => value instanceof globalThis.WritableStream,
  }),
  "internal/tty": () => ({ getColorDepth: () => 1 }),
  "internal/v8/startup_snapshot": () => ({ namespace: { isBuildingSnapshot: () => false } }),
  vm: () => ({ runInNewContext: unavailable("node:vm") }),
};

export function shim(name: string): object {
  const found = SHIMS[name];
  if (found === undefined) {
    throw new Error(`Node's library requires ${name}, which shims.ts does not have`);
  }
  return found();
}
