// Node's built-in modules that the sandbox does not have: they can be imported, as packages do that need them in some
// cases only, and whatever is used of them says so.

import names from "./node-names.json" with { type: "json" };

interface Names {
  function: string[];
  object: string[];
  value: Record<string, unknown>;
}

const ALL = names as unknown as Readonly<Record<string, Names>>;

const ADVICE: Readonly<Record<string, string>> = {
  child_process: "there are no other programs in it",
  cluster: "call tasks with Promise.all to do work in parallel",
  crypto: "it has hashes, HMAC, random values, pbkdf2, scrypt and hkdf",
  dgram: "only HTTP requests with fetch() leave it",
  dns: "only the host looks names up; use fetch() with a URL",
  "dns/promises": "only the host looks names up; use fetch() with a URL",
  http: "use fetch()",
  http2: "use fetch()",
  https: "use fetch()",
  net: "only HTTP requests with fetch() leave it",
  readline: "to read a file line by line, use (await open(path)).readLines() of node:fs/promises",
  "readline/promises": "there is nobody to ask; give the task arguments",
  tls: "only HTTP requests with fetch() leave it",
  vm: "eval() and new Function() run code in the sandbox itself",
  worker_threads: "call tasks with Promise.all to do work in parallel",
};

function unavailable(module: string, member: string): Error {
  const advice = ADVICE[module] === undefined ? "" : `; ${ADVICE[module]}`;
  const what = ALL[module]?.function.includes(member) ? `${member}()` : member;
  const error = new Error(`${what} of node:${module} is not available inside the sandbox${advice}`);
  return Object.assign(error, { code: "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM" });
}

function failing(module: string, member: string): unknown {
  // biome-ignore lint/complexity/useArrowFunction: a class of a package may want to extend it
  const made = function (): never {
    throw unavailable(module, member);
  };
  Object.defineProperty(made, "name", { value: member });
  return made;
}

function failingObject(module: string, member: string): object {
  const fail = (): never => {
    throw unavailable(module, member);
  };
  const read = (_target: object, key: PropertyKey): unknown =>
    typeof key === "symbol" || key === "then" || key === "__esModule" ? undefined : fail();
  return new Proxy({}, { get: read, set: fail, has: fail, deleteProperty: fail });
}

/** What the module exports in Node, each throwing when it is used. */
export function placeholder(module: string): Record<string, unknown> {
  const found = ALL[module] as Names;
  const exports: Record<string, unknown> = { ...found.value };
  for (const name of found.function) {
    exports[name] = failing(module, name);
  }
  for (const name of found.object) {
    exports[name] = failingObject(module, name);
  }
  return exports;
}

export const ALL_NAMES = Object.keys(ALL);
