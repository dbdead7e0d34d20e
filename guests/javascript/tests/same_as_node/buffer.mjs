import { Buffer, isAscii, isUtf8, transcode } from "node:buffer";

const text = "héllo wörld ✓ 😀";
export const cases = {
  encodings: () => ["utf8", "utf16le", "latin1", "ascii", "base64", "base64url", "hex", "ucs2", "binary"].map((e) => Buffer.from(text, "utf8").toString(e)),
  back: () => [Buffer.from("aGk_-w", "base64url"), Buffer.from("aGk/+w==", "base64"), Buffer.from(" a G k = x", "base64"), Buffer.from("6869zz", "hex"), Buffer.from("hé", "latin1"), Buffer.from("hé", "ascii"), Buffer.from("hi", "utf16le")],
  lone: () => [Buffer.from("\ud800x\udc00"), Buffer.from([0xff, 0x61, 0xe2, 0x9c]).toString()],
  lengths: () => [Buffer.byteLength(text), Buffer.byteLength("aGk=", "base64"), Buffer.byteLength("6869", "hex"), Buffer.byteLength("ab", "utf16le"), Buffer.byteLength(new ArrayBuffer(7))],
  slices: () => { const b = Buffer.from(text); return [b.toString("utf8", 1, 5), b.toString("hex", 2), b.toString("base64", -3), b.subarray(2, 4), b.slice(-3), b.toString(undefined, 0, 2)]; },
  write: () => { const b = Buffer.alloc(12, "."); return [b.write("hé", 1), b.write("6869", 5, "hex"), b.write("zz", 8, 1), b.write("aGk", 9, "base64url"), b.toString("latin1")]; },
  numbers: () => { const b = Buffer.alloc(32); b.writeInt32BE(-5, 0); b.writeDoubleLE(1.5, 4); b.writeBigUInt64BE(2n ** 63n, 12); b.writeUIntLE(0x123456, 20, 3); b.writeFloatBE(-2.25, 24); return [b, b.readInt32BE(0), b.readDoubleLE(4), b.readBigUInt64BE(12), b.readUIntLE(20, 3), b.readFloatBE(24), b.readInt8(0), b.readUint16LE(1)]; },
  find: () => { const b = Buffer.from("abcabc"); return [b.indexOf("c"), b.indexOf("c", 3), b.lastIndexOf("ab"), b.includes("ca"), b.indexOf(Buffer.from("bc"), 2), b.indexOf(99), b.indexOf("zz")]; },
  compare: () => [Buffer.compare(Buffer.from("a"), Buffer.from("b")), Buffer.from("ab").equals(Buffer.from("ab")), Buffer.concat([Buffer.from("a"), Buffer.from("bc")], 2)],
  fill: () => [Buffer.alloc(5, "ab"), Buffer.alloc(3).fill(1), Buffer.alloc(4, "YQ==", "base64"), Buffer.alloc(2, 300)],
  json: () => JSON.stringify(Buffer.from("hi")),
  swap: () => [Buffer.from([1, 2, 3, 4]).swap16(), Buffer.from([1, 2, 3, 4]).swap32()],
  inspect: () => [Buffer.alloc(60), Buffer.from([])],
  iterate: () => [[...Buffer.from("ab").entries()], [...Buffer.from("ab")]],
  types: () => [Buffer.isBuffer(Buffer.alloc(1)), Buffer.isBuffer(new Uint8Array(1)), Buffer.isEncoding("UTF-8"), Buffer.isEncoding("base64url"), Buffer.isEncoding("x"), Buffer.alloc(1) instanceof Uint8Array],
  checks: () => [isUtf8(Buffer.from([0xff])), isUtf8(Buffer.from("é")), isAscii(Buffer.from("é")), isAscii(Buffer.from("e"))],
  transcode: () => [transcode(Buffer.from("€a"), "utf8", "latin1"), transcode(Buffer.from("é"), "utf8", "utf16le")],
  fromOther: () => [Buffer.from([256, -1, 1.5]), Buffer.from(new Uint16Array([1, 258])), Buffer.from(new Uint16Array([1, 258]).buffer), Buffer.from({ type: "Buffer", data: [1, 2] }), Buffer.from(new String("x")), Buffer.copyBytesFrom(new Uint16Array([1, 2]), 1)],
  copy: () => { const b = Buffer.alloc(4); return [Buffer.from("abcdef").copy(b, 1, 2, 5), b]; },
  base64: () => [btoa("a\xff"), atob("YQ"), atob(" Y Q = = ")],
  bad: () => atob("Y"),
  badType: () => Buffer.from(5),
  badSize: () => Buffer.alloc(-1),
  range: () => Buffer.alloc(2).readUInt32LE(0),
};
