// What Node's own native code gives to the files in vendor/node, as far as they use it.

import { native } from "../../native.ts";
import { domainToASCII, idnaToASCII } from "./domains.ts";
import { ERRORS, errorName } from "./errno.ts";
import { constants as osConstants } from "./os-constants.ts";
import { types } from "./types.ts";

const NON_INDEX = /^(?:0|[1-9][0-9]*)$/;
const MAX_INDEX = 2 ** 32 - 1;
const ONLY_ENUMERABLE = 2;

function isIndex(key: string): boolean {
  return NON_INDEX.test(key) && Number(key) < MAX_INDEX;
}

function getOwnNonIndexProperties(value: object, filter: number): PropertyKey[] {
  return Reflect.ownKeys(value).filter(
    (key) =>
      !(typeof key === "string" && isIndex(key)) &&
      (filter !== ONLY_ENUMERABLE || Object.prototype.propertyIsEnumerable.call(value, key)),
  );
}

function getConstructorName(value: object): string {
  for (let object: object | null = value; object !== null; object = Object.getPrototypeOf(object) as object | null) {
    const made: unknown = Object.getOwnPropertyDescriptor(object, "constructor")?.value;
    if (typeof made === "function" && made.name !== "") {
      return made.name;
    }
  }
  return "";
}

const callEntries = Function.prototype.call.bind(Map.prototype.entries) as (map: unknown) => Iterator<unknown>;

/** Entries of a collection, as inspect shows them. An iterator cannot be looked into without being moved: none of its. */
function previewEntries(value: unknown, isIterator?: boolean): unknown {
  let entries: unknown[] = [];
  let isKeyValue = false;
  if (types.isMap(value)) {
    entries = [...({ [Symbol.iterator]: () => callEntries(value) } as Iterable<unknown>)].flat();
    isKeyValue = true;
  } else if (types.isSet(value)) {
    entries = [...(value as Set<unknown>)];
  }
  return isIterator ? [entries, isKeyValue] : entries;
}

const FALSE_FLAGS = Object.freeze({});

function parseEnv(content: string): Record<string, string> {
  const found: Record<string, string> = {};
  const line = /^\s*(?:export\s+)?([\w.-]+)\s*=[ \t]*("(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`|[^\n#]*)/gm;
  for (const [, name, text] of content.replace(/\r\n?/g, "\n").matchAll(line)) {
    const value = (text as string).trim();
    const quote = value[0];
    const isQuoted = value.length > 1 && (quote === '"' || quote === "'" || quote === "`") && value.endsWith(quote);
    const inner = isQuoted ? value.slice(1, -1) : value;
    found[name as string] = isQuoted && quote === '"' ? inner.replace(/\\n/g, "\n") : inner;
  }
  return found;
}

const privateSymbols = {
  arrow_message_private_symbol: Symbol("arrowMessage"),
  decorated_private_symbol: Symbol("decorated"),
};

const bindings: Readonly<Record<string, object>> = {
  buffer: {
    compare(one: Uint8Array, other: Uint8Array): number {
      const length = Math.min(one.length, other.length);
      for (let index = 0; index < length; index++) {
        if (one[index] !== other[index]) {
          return (one[index] as number) < (other[index] as number) ? -1 : 1;
        }
      }
      return Math.sign(one.length - other.length);
    },
  },
  config: { hasIntl: false },
  constants: { os: osConstants },
  encoding_binding: { toASCII: idnaToASCII },
  errors: {
    triggerUncaughtException(error: unknown): void {
      queueMicrotask(() => {
        throw error;
      });
    },
  },
  messaging: {
    get DOMException(): unknown {
      return globalThis.DOMException;
    },
  },
  os: { getOSInformation: () => ["WASI", "", "", "wasm32"] },
  string_decoder: {
    encodings: ["ascii", "utf8", "base64", "utf16le", "latin1", "hex", "buffer", "base64url"],
  },
  types,
  url: {
    format(href: string, fragment: boolean, unicode: boolean, search: boolean, auth: boolean): string {
      const url = new URL(href);
      url.hash = fragment ? url.hash : "";
      url.search = search ? url.search : "";
      if (!auth) {
        url.username = "";
        url.password = "";
      }
      return unicode ? url.href.replace(url.hostname, domainToASCII.toUnicode(url.hostname)) : url.href;
    },
  },
  util: {
    constants: { kPending: 0, kFulfilled: 1, kRejected: 2, ALL_PROPERTIES: 0, ONLY_ENUMERABLE, SKIP_SYMBOLS: 16 },
    getCallSites: () => [],
    getCallerLocation: () => undefined,
    getConstructorName,
    getExternalValue: () => 0n,
    getOwnNonIndexProperties,
    getPromiseDetails: (promise: Promise<unknown>) => native.promiseState(promise),
    getProxyDetails: (value: unknown, both = true) => (both ? native.proxyParts(value) : native.proxyParts(value)?.[0]),
    guessHandleType: () => "FILE",
    isArrayBufferDetached: (buffer: ArrayBuffer) => (buffer as { detached?: boolean }).detached === true,
    isConstructor: (value: unknown) => {
      try {
        Reflect.construct(Object, [], value as new () => unknown);
        return true;
      } catch {
        return false;
      }
    },
    isInsideNodeModules: () => false,
    parseEnv,
    previewEntries,
    privateSymbols,
    shouldAbortOnUncaughtToggle: FALSE_FLAGS,
    sleep: () => undefined,
    toUSVString: (text: string) => String(text).toWellFormed(),
  },
  uv: {
    errname: errorName,
    getErrorMap: () => new Map(ERRORS.map(([code, name, message]) => [code, [name, message]])),
    ...Object.fromEntries(ERRORS.map(([code, name]) => [`UV_${name}`, code])),
  },
};

export function internalBinding(name: string): object {
  const found = bindings[name];
  if (found === undefined) {
    throw new Error(`No such binding: ${name}`);
  }
  return found;
}
