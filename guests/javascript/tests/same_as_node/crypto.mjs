import crypto, { createHash, createHmac } from "node:crypto";
import { promisify } from "node:util";

const kinds = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512-256", "sha3-256", "ripemd160", "blake2b512", "blake2s256", "RSA-SHA256", "SHA256"];
export const cases = {
  hashes: () => kinds.map((k) => createHash(k).update("héllo").update(Buffer.from([1, 2])).digest("hex")),
  encodings: () => ["hex", "base64", "base64url", "latin1"].map((e) => createHash("sha1").update("6869", "hex").digest(e)),
  raw: () => createHash("md5").update("").digest(),
  copy: () => { const h = createHash("sha256").update("a"); const c = h.copy(); return [h.update("b").digest("hex"), c.digest("hex")]; },
  shake: () => createHash("shake128", { outputLength: 5 }).update("x").digest("hex"),
  hmac: () => ["sha256", "sha1", "md5", "sha512"].map((k) => createHmac(k, "key").update("data").digest("hex")),
  hmacKey: () => createHmac("sha256", Buffer.alloc(100, 1)).update("x").digest("base64"),
  twice: () => { const h = createHash("md5"); h.digest(); return h.digest(); },
  unknown: () => createHash("nope"),
  unknownHmac: () => createHmac("nope", "k"),
  badData: () => createHash("md5").update(5),
  pbkdf2: () => [crypto.pbkdf2Sync("pw", "salt", 10, 20, "sha512").toString("hex"), crypto.pbkdf2Sync("pw", "salt", 1, 8, "sha1").toString("hex")],
  pbkdf2Bad: () => crypto.pbkdf2Sync("pw", "salt", 1, 8, "nope"),
  scrypt: () => crypto.scryptSync("pw", "salt", 16, { N: 16 }).toString("hex"),
  hkdf: () => Buffer.from(crypto.hkdfSync("sha256", "key", "salt", "info", 20)).toString("hex"),
  async: async () => (await promisify(crypto.pbkdf2)("a", "b", 1, 4, "sha256")).toString("hex"),
  random: () => [crypto.randomBytes(5).length, crypto.randomInt(5) < 5, crypto.randomInt(3, 4), crypto.randomUUID().length, crypto.randomFillSync(Buffer.alloc(3)).length],
  randomBad: () => crypto.randomBytes(-1),
  randomIntBad: () => crypto.randomInt(5, 1),
  equal: () => [crypto.timingSafeEqual(Buffer.from("a"), Buffer.from("a")), crypto.timingSafeEqual(Buffer.from("a"), Buffer.from("b"))],
  equalBad: () => crypto.timingSafeEqual(Buffer.from("a"), Buffer.from("ab")),
  stream: async () => { const h = createHash("sha256"); h.end("abc"); const out = []; for await (const c of h) out.push(c); return Buffer.concat(out).toString("hex"); },
  web: async () => Buffer.from(await crypto.webcrypto.subtle.digest("SHA-256", Buffer.from("x"))).toString("hex"),
  large: () => createHash("sha256").update(Buffer.alloc(100000, "ab")).digest("hex"),
};
