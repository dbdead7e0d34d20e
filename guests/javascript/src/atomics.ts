/** Libraries look for Atomics when they are loaded; there is one agent in a sandbox, so it has no functions. */

Object.defineProperty(globalThis, "Atomics", { value: {}, writable: true, configurable: true, enumerable: false });
