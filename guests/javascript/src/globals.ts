/** Globals that the runtime itself gives: console, timers, queueMicrotask. */

import { console } from "./console.ts";
import { native } from "./native.ts";
import { clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } from "./timers.ts";

function queueMicrotask(callback: unknown): void {
  if (typeof callback !== "function") {
    throw new TypeError('The "callback" argument must be of type function');
  }
  native.enqueue(callback as () => void);
}

const GLOBALS = {
  console,
  setTimeout,
  setInterval,
  setImmediate,
  clearTimeout,
  clearInterval,
  clearImmediate,
  queueMicrotask,
};

for (const [name, value] of Object.entries(GLOBALS)) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}
