// Hash functions, by their names in OpenSSL.

import { blake2b, blake2s } from "@noble/hashes/blake2.js";
import { md5, ripemd160, sha1 } from "@noble/hashes/legacy.js";
import { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } from "@noble/hashes/sha2.js";
import { sha3_224, sha3_256, sha3_384, sha3_512, shake128, shake256 } from "@noble/hashes/sha3.js";

/** One computation of a hash. */
export interface Running {
  update(data: Uint8Array): Running;
  digest(): Uint8Array;
  clone(): Running;
}

export interface Algorithm {
  (data: Uint8Array): Uint8Array;
  create(options?: { dkLen?: number }): Running;
  readonly blockLen: number;
  readonly outputLen: number;
}

const ALGORITHMS = {
  "blake2b512": blake2b,
  "blake2s256": blake2s,
  "md5": md5,
  "ripemd160": ripemd160,
  "sha1": sha1,
  "sha224": sha224,
  "sha256": sha256,
  "sha3-224": sha3_224,
  "sha3-256": sha3_256,
  "sha3-384": sha3_384,
  "sha3-512": sha3_512,
  "sha384": sha384,
  "sha512": sha512,
  "sha512-224": sha512_224,
  "sha512-256": sha512_256,
  "shake128": shake128,
  "shake256": shake256,
} as unknown as Readonly<Record<Hash, Algorithm>>;

export type Hash =
  | "blake2b512"
  | "blake2s256"
  | "md5"
  | "ripemd160"
  | "sha1"
  | "sha224"
  | "sha256"
  | "sha3-224"
  | "sha3-256"
  | "sha3-384"
  | "sha3-512"
  | "sha384"
  | "sha512"
  | "sha512-224"
  | "sha512-256"
  | "shake128"
  | "shake256";

const ALIASES: Readonly<Record<string, Hash>> = {
  "sha-1": "sha1",
  "sha-224": "sha224",
  "sha-256": "sha256",
  "sha-384": "sha384",
  "sha-512": "sha512",
  "sha512/224": "sha512-224",
  "sha512/256": "sha512-256",
  "rmd160": "ripemd160",
  "ripemd": "ripemd160",
  "ssl3-md5": "md5",
  "ssl3-sha1": "sha1",
};

export const NAMES = Object.keys(ALGORITHMS) as readonly Hash[];

export function hashNamed(name: string): Hash | undefined {
  const plain = name.toLowerCase().replace(/^rsa-/, "");
  return Object.hasOwn(ALGORITHMS, plain) ? (plain as Hash) : ALIASES[plain];
}

export function algorithmOf(hash: Hash): Algorithm {
  return ALGORITHMS[hash];
}

export function digestOf(hash: Hash, data: Uint8Array): Uint8Array {
  return algorithmOf(hash)(data);
}
