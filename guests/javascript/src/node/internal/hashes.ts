// Hash functions, by their names in OpenSSL: most in native code, few in JavaScript.

import { ripemd160 } from "@noble/hashes/legacy.js";
import { shake128, shake256 } from "@noble/hashes/sha3.js";
import { native } from "../../native.ts";

/** One computation of a hash. */
export interface Running {
  update(data: Uint8Array): unknown;
  digest(): Uint8Array;
  clone(): Running;
}

export interface Algorithm {
  /** Its number in engine/hashes.zig, if it is there. */
  readonly kind?: number;
  readonly blockLen: number;
  readonly outputLen: number;
  create(options?: { dkLen?: number }): Running;
}

/** Names with sizes of block and digest, in the order of engine/hashes.zig. */
const NATIVE = [
  ["md5", 64, 16],
  ["sha1", 64, 20],
  ["sha224", 64, 28],
  ["sha256", 64, 32],
  ["sha384", 128, 48],
  ["sha512", 128, 64],
  ["sha512-224", 128, 28],
  ["sha512-256", 128, 32],
  ["sha3-224", 144, 28],
  ["sha3-256", 136, 32],
  ["sha3-384", 104, 48],
  ["sha3-512", 72, 64],
  ["blake2b512", 128, 64],
  ["blake2s256", 64, 32],
] as const;

export type Hash = (typeof NATIVE)[number][0] | "ripemd160" | "shake128" | "shake256";

class NativeRunning implements Running {
  readonly #kind: number;
  readonly #state: ArrayBuffer;

  constructor(kind: number, state: ArrayBuffer = native.hashStart(kind)) {
    this.#kind = kind;
    this.#state = state;
  }

  update(data: Uint8Array): void {
    native.hashUpdate(this.#kind, this.#state, data);
  }

  digest(): Uint8Array {
    return new Uint8Array(native.hashFinish(this.#kind, this.#state));
  }

  clone(): Running {
    return new NativeRunning(this.#kind, this.#state.slice(0));
  }
}

const ALGORITHMS = new Map<string, Algorithm>(
  NATIVE.map(([name, blockLen, outputLen], kind) => [
    name,
    { kind, blockLen, outputLen, create: () => new NativeRunning(kind) },
  ]),
);
for (const [name, algorithm] of Object.entries({ ripemd160, shake128, shake256 })) {
  ALGORITHMS.set(name, algorithm as unknown as Algorithm);
}

const ALIASES: Readonly<Record<string, Hash>> = {
  "ripemd": "ripemd160",
  "rmd160": "ripemd160",
  "sha-1": "sha1",
  "sha-224": "sha224",
  "sha-256": "sha256",
  "sha-384": "sha384",
  "sha-512": "sha512",
  "sha512/224": "sha512-224",
  "sha512/256": "sha512-256",
  "ssl3-md5": "md5",
  "ssl3-sha1": "sha1",
};

export const NAMES = [...ALGORITHMS.keys()].sort() as readonly Hash[];

export function hashNamed(name: string): Hash | undefined {
  const plain = name.toLowerCase().replace(/^rsa-/, "");
  return ALGORITHMS.has(plain) ? (plain as Hash) : Object.hasOwn(ALIASES, plain) ? ALIASES[plain] : undefined;
}

export function algorithmOf(hash: Hash): Algorithm {
  return ALGORITHMS.get(hash) as Algorithm;
}

export function digestOf(hash: Hash, data: Uint8Array): Uint8Array {
  const running = algorithmOf(hash).create();
  running.update(data);
  return running.digest();
}

/** https://www.rfc-editor.org/rfc/rfc2104 */
export class HmacRunning implements Running {
  readonly #inner: Running;
  readonly #outer: Running;

  constructor(algorithm: Algorithm, key: Uint8Array) {
    const block = new Uint8Array(algorithm.blockLen);
    if (key.length > block.length) {
      const running = algorithm.create();
      running.update(key);
      block.set(running.digest());
    } else {
      block.set(key);
    }
    this.#inner = algorithm.create();
    this.#inner.update(block.map((byte) => byte ^ 0x36));
    this.#outer = algorithm.create();
    this.#outer.update(block.map((byte) => byte ^ 0x5c));
  }

  update(data: Uint8Array): void {
    this.#inner.update(data);
  }

  digest(): Uint8Array {
    this.#outer.update(this.#inner.digest());
    return this.#outer.digest();
  }

  clone(): Running {
    throw new TypeError("an HMAC cannot be copied");
  }
}

function hmac(algorithm: Algorithm, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const running = new HmacRunning(algorithm, key);
  for (const part of parts) {
    running.update(part);
  }
  return running.digest();
}

/** https://www.rfc-editor.org/rfc/rfc5869 */
export function hkdf(algorithm: Algorithm, key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const secret = hmac(algorithm, salt, key);
  const made = new Uint8Array(Math.ceil(length / algorithm.outputLen) * algorithm.outputLen);
  let last = new Uint8Array();
  for (let count = 1; (count - 1) * algorithm.outputLen < length; count++) {
    last = new Uint8Array(hmac(algorithm, secret, last, info, Uint8Array.of(count)));
    made.set(last, (count - 1) * algorithm.outputLen);
  }
  return made.subarray(0, length);
}
