import { native } from "../native.ts";
import { crypto as webcrypto } from "../web/crypto.ts";
import { Buffer } from "./buffer.ts";
import { bytesOf as viewOf } from "./fs/arguments.ts";
import { HmacRunning, NAMES, type Running, algorithmOf, hashNamed, hkdf as hkdfOf } from "./internal/hashes.ts";
import { codes } from "./internal/node-errors.ts";
import { process } from "./internal/process.ts";
import { placeholder } from "./internal/unavailable.ts";
import stream from "./stream.ts";

export { webcrypto };
export const { subtle } = webcrypto;

type Data = string | ArrayBufferView | ArrayBuffer;
type Callback<T> = (error: unknown, result?: T) => void;

function bytesOf(data: unknown, encoding?: unknown): Uint8Array {
  return data instanceof ArrayBuffer ? new Uint8Array(data) : viewOf(data, encoding);
}

function named(name: unknown): ReturnType<typeof algorithmOf> {
  if (typeof name !== "string") {
    throw new codes.ERR_INVALID_ARG_TYPE("algorithm", "string", name);
  }
  const hash = hashNamed(name);
  if (hash === undefined) {
    throw new UnknownDigest("Digest method not supported");
  }
  return algorithmOf(hash);
}

class UnknownDigest extends Error {}

/** What Hash and Hmac share: bytes in by `update` or as a stream, one digest out. */
abstract class Digest extends stream.Transform {
  #running: Running;
  #finished = false;

  protected constructor(running: Running, options?: object) {
    super(options);
    this.#running = running;
  }

  update(data: Data, encoding?: string): this {
    if (this.#finished) {
      throw new codes.ERR_CRYPTO_HASH_FINALIZED();
    }
    this.#running.update(bytesOf(data, encoding));
    return this;
  }

  digest(encoding?: string): unknown {
    const bytes = Buffer.from(this.finish().buffer as ArrayBuffer);
    return encoding && encoding !== "buffer" ? bytes.toString(encoding) : bytes;
  }

  _transform(chunk: Uint8Array, encoding: string, done: (error?: unknown) => void): void {
    this.update(chunk, encoding);
    done();
  }

  _flush(done: (error?: unknown) => void): void {
    this.push(this.digest());
    done();
  }

  protected get running(): Running {
    if (this.#finished) {
      throw new codes.ERR_CRYPTO_HASH_FINALIZED();
    }
    return this.#running;
  }

  protected finish(): Uint8Array {
    const { running } = this;
    this.#finished = true;
    return running.digest().slice();
  }
}

export class Hash extends Digest {
  constructor(algorithm: string | Running, options?: { outputLength?: number }) {
    const running = typeof algorithm === "string" ? named(algorithm).create(lengthOf(options)) : algorithm;
    super(running, options);
  }

  copy(): Hash {
    return new Hash(this.running.clone());
  }
}

function lengthOf(options: { outputLength?: number } | undefined): { dkLen?: number } {
  return options?.outputLength === undefined ? {} : { dkLen: options.outputLength };
}

export class Hmac extends Digest {
  #done = false;

  constructor(algorithm: string, key: Data, options?: object) {
    super(new HmacRunning(named(algorithm), bytesOf(key)), options);
  }

  /** Unlike a hash's, a second digest of an HMAC is empty: so it is in Node. */
  override digest(encoding?: string): unknown {
    if (this.#done) {
      return encoding && encoding !== "buffer" ? "" : Buffer.alloc(0);
    }
    this.#done = true;
    return super.digest(encoding);
  }
}

export function createHash(algorithm: string, options?: { outputLength?: number }): Hash {
  named(algorithm);
  return new Hash(algorithm, options);
}

export function createHmac(algorithm: string, key: Data, options?: object): Hmac {
  try {
    return new Hmac(algorithm, key, options);
  } catch (error) {
    throw error instanceof UnknownDigest ? new codes.ERR_CRYPTO_INVALID_DIGEST(algorithm) : error;
  }
}

export function hash(algorithm: string, data: Data, encoding = "hex"): unknown {
  return createHash(algorithm).update(data).digest(encoding);
}

export function getHashes(): string[] {
  return [...NAMES];
}

export function getRandomValues<T extends ArrayBufferView>(array: T): T {
  return webcrypto.getRandomValues(array);
}

export function randomUUID(_options?: object): string {
  return webcrypto.randomUUID();
}

const MAX_RANDOM = 2 ** 31 - 1;

function later<T>(work: () => T, callback: Callback<T>): void {
  let told: [unknown, T?];
  try {
    told = [null, work()];
  } catch (error) {
    told = [error];
  }
  process.nextTick(() => callback(...told));
}

export function randomBytes(size: number, callback?: Callback<unknown>): unknown {
  if (typeof size !== "number") {
    throw new codes.ERR_INVALID_ARG_TYPE("size", "number", size);
  }
  if (!(size >= 0 && size <= MAX_RANDOM)) {
    throw new codes.ERR_OUT_OF_RANGE("size", `>= 0 && <= ${MAX_RANDOM}`, size);
  }
  const make = (): unknown => Buffer.from(native.random(size));
  return callback === undefined ? make() : later(make, callback);
}

export const pseudoRandomBytes = randomBytes;
export const rng = randomBytes;
export const prng = randomBytes;

export function randomFillSync<T extends ArrayBufferView | ArrayBuffer>(target: T, offset = 0, size?: number): T {
  const view = target instanceof ArrayBuffer ? new Uint8Array(target) : new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  const part = view.subarray(offset, size === undefined ? undefined : offset + size);
  part.set(new Uint8Array(native.random(part.length)));
  return target;
}

export function randomFill(target: ArrayBufferView, ...rest: unknown[]): void {
  const callback = rest.pop() as Callback<unknown>;
  later(() => randomFillSync(target, ...(rest as [number?, number?])), callback);
}

const RANDOM_BITS = 48;

export function randomInt(...args: unknown[]): unknown {
  const callback = typeof args.at(-1) === "function" ? (args.pop() as Callback<number>) : undefined;
  const [first, second] = args as [number, number | undefined];
  const [min, max] = second === undefined ? [0, first] : [first, second];
  for (const [name, value] of [["min", min], ["max", max]] as const) {
    if (!Number.isSafeInteger(value)) {
      throw new codes.ERR_INVALID_ARG_TYPE(name, "a safe integer", value);
    }
  }
  if (max <= min) {
    throw new codes.ERR_OUT_OF_RANGE("max", `greater than the value of "min" (${min})`, max);
  }
  const range = max - min;
  if (range >= 2 ** RANDOM_BITS) {
    throw new codes.ERR_OUT_OF_RANGE(second === undefined ? "max" : "max - min", `<= ${2 ** RANDOM_BITS - 1}`, range);
  }
  const limit = 2 ** RANDOM_BITS - (2 ** RANDOM_BITS % range);
  const make = (): number => {
    for (;;) {
      const bytes = new Uint8Array(native.random(6));
      const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
      if (value < limit) {
        return min + (value % range);
      }
    }
  };
  return callback === undefined ? make() : later(make, callback);
}

export function timingSafeEqual(one: ArrayBufferView | ArrayBuffer, other: ArrayBufferView | ArrayBuffer): boolean {
  const [first, second] = [bytesOf(one), bytesOf(other)];
  if (first.length !== second.length) {
    const error = new RangeError("Input buffers must have the same byte length");
    throw Object.assign(error, { code: "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH" });
  }
  let difference = 0;
  for (let index = 0; index < first.length; index++) {
    difference |= (first[index] as number) ^ (second[index] as number);
  }
  return difference === 0;
}

/** A hash for deriving keys: of those in native code. */
function digestNamed(digest: unknown): ReturnType<typeof algorithmOf> & { kind: number } {
  if (typeof digest !== "string") {
    throw new codes.ERR_INVALID_ARG_TYPE("digest", "string", digest);
  }
  const hash = hashNamed(digest);
  const algorithm = hash === undefined ? undefined : algorithmOf(hash);
  if (algorithm?.kind === undefined) {
    throw new codes.ERR_CRYPTO_INVALID_DIGEST(digest);
  }
  return algorithm as ReturnType<typeof algorithmOf> & { kind: number };
}

function checkLength(name: string, value: unknown, least: number): void {
  if (typeof value !== "number") {
    throw new codes.ERR_INVALID_ARG_TYPE(name, "number", value);
  }
  if (!Number.isInteger(value) || value < least || value > MAX_RANDOM) {
    throw new codes.ERR_OUT_OF_RANGE(name, `>= ${least} && <= ${MAX_RANDOM}`, value);
  }
}

export function pbkdf2Sync(password: Data, salt: Data, iterations: number, keylen: number, digest: string): unknown {
  const { kind } = digestNamed(digest);
  checkLength("iterations", iterations, 1);
  checkLength("keylen", keylen, 0);
  return Buffer.from(native.pbkdf2(kind, bytesOf(password), bytesOf(salt), iterations, keylen));
}

export function pbkdf2(password: Data, salt: Data, iterations: number, keylen: number, digest: string, callback: Callback<unknown>): void {
  digestNamed(digest);
  later(() => pbkdf2Sync(password, salt, iterations, keylen, digest), callback);
}

interface ScryptOptions {
  N?: number;
  r?: number;
  p?: number;
  cost?: number;
  blockSize?: number;
  parallelization?: number;
  maxmem?: number;
}

export function scryptSync(password: Data, salt: Data, keylen: number, options: ScryptOptions = {}): unknown {
  const N = options.N ?? options.cost ?? 16384;
  const r = options.r ?? options.blockSize ?? 8;
  const p = options.p ?? options.parallelization ?? 1;
  const maxmem = options.maxmem ?? 32 * 1024 * 1024;
  if (128 * N * r > maxmem) {
    throw new codes.ERR_CRYPTO_SCRYPT_INVALID_PARAMETER("Invalid scrypt params: memory limit exceeded");
  }
  const log2N = Math.log2(N);
  if (!Number.isInteger(log2N) || log2N < 1) {
    throw new codes.ERR_CRYPTO_SCRYPT_INVALID_PARAMETER("Invalid scrypt params");
  }
  checkLength("keylen", keylen, 0);
  return keylen === 0 ? Buffer.alloc(0) : Buffer.from(native.scrypt(bytesOf(password), bytesOf(salt), log2N, r, p, keylen));
}

export function scrypt(password: Data, salt: Data, keylen: number, ...rest: unknown[]): void {
  const callback = rest.pop() as Callback<unknown>;
  later(() => scryptSync(password, salt, keylen, rest[0] as ScryptOptions), callback);
}

export function hkdfSync(digest: string, key: Data, salt: Data, info: Data, keylen: number): ArrayBuffer {
  checkLength("length", keylen, 0);
  return hkdfOf(digestNamed(digest), bytesOf(key), bytesOf(salt), bytesOf(info), keylen).slice().buffer as ArrayBuffer;
}

export function hkdf(digest: string, key: Data, salt: Data, info: Data, keylen: number, callback: Callback<ArrayBuffer>): void {
  digestNamed(digest);
  later(() => hkdfSync(digest, key, salt, info, keylen), callback);
}

const ours = {
  Hash,
  Hmac,
  createHash,
  createHmac,
  getHashes,
  getRandomValues,
  hash,
  hkdf,
  hkdfSync,
  pbkdf2,
  pbkdf2Sync,
  prng,
  pseudoRandomBytes,
  randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID,
  rng,
  scrypt,
  scryptSync,
  subtle,
  timingSafeEqual,
  webcrypto,
};

/** The rest of Node's: keys, ciphers, signatures and certificates. */
export default { ...placeholder("crypto"), ...ours };
