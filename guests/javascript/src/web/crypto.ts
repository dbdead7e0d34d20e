// https://w3c.github.io/webcrypto/: random values, and digests.

import { native } from "../native.ts";
import { DOMException } from "./dom-exception.ts";
import { type Hash, digestOf } from "../node/internal/hashes.ts";

const DIGESTS: Readonly<Record<string, Hash>> = {
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

const QUOTA = 65536;
const INTEGERS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
];

function bytesOf(data: unknown): Uint8Array {
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) {
    return new Uint8Array(data);
  }
  throw new TypeError("Failed to execute 'digest' on 'SubtleCrypto': 2nd argument is not instance of ArrayBuffer, Buffer, TypedArray, or DataView.");
}

export class SubtleCrypto {
  async digest(algorithm: string | { name: string }, data: unknown): Promise<ArrayBuffer> {
    const name = String(typeof algorithm === "object" && algorithm !== null ? algorithm.name : algorithm).toUpperCase();
    const hash = Object.hasOwn(DIGESTS, name) ? DIGESTS[name] : undefined;
    const bytes = bytesOf(data);
    if (hash === undefined) {
      throw new DOMException("Unrecognized algorithm name", "NotSupportedError");
    }
    return digestOf(hash, bytes).buffer as ArrayBuffer;
  }

  get [Symbol.toStringTag](): string {
    return "SubtleCrypto";
  }
}

const MISSING = [
  "decrypt",
  "deriveBits",
  "deriveKey",
  "encrypt",
  "exportKey",
  "generateKey",
  "importKey",
  "sign",
  "unwrapKey",
  "verify",
  "wrapKey",
];
for (const name of MISSING) {
  Object.defineProperty(SubtleCrypto.prototype, name, {
    configurable: true,
    enumerable: true,
    writable: true,
    value: async (): Promise<never> => {
      throw new DOMException(
        `crypto.subtle.${name} is not available inside the sandbox; of crypto.subtle only digest is, and createHmac, pbkdf2 and scrypt are in node:crypto`,
        "NotSupportedError",
      );
    },
  });
}

export class Crypto {
  readonly subtle = new SubtleCrypto();

  getRandomValues<T extends ArrayBufferView>(array: T): T {
    if (!INTEGERS.some((kind) => array instanceof kind)) {
      throw new DOMException("The data argument must be an integer-type TypedArray", "TypeMismatchError");
    }
    if (array.byteLength > QUOTA) {
      const size = `exceeds the number of bytes of entropy available via this API (${QUOTA})`;
      throw new DOMException(`The requested length ${size}`, "QuotaExceededError");
    }
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(new Uint8Array(native.random(array.byteLength)));
    return array;
  }

  randomUUID(): string {
    const bytes = new Uint8Array(native.random(16));
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  get [Symbol.toStringTag](): string {
    return "Crypto";
  }
}

export const crypto = new Crypto();
