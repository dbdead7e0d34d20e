import path from "node:path";
import qs from "node:querystring";
import punycode from "punycode";
import { StringDecoder } from "node:string_decoder";
import assert from "node:assert";

const paths = ["/a/b/../c.txt", "a//b/./c", "", "/", "../..", "c:\\x\\y.z", ".hid", "a.b.c", "/x/"];
const failing = [
  () => assert.strictEqual(1, 2), () => assert.deepStrictEqual({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }), () => assert.deepEqual([1, 2], [1, 3]),
  () => assert.equal(null, 0), () => assert.throws(() => {}), () => assert.throws(() => { throw new Error("x"); }, /y/), () => assert.match("a", /b/),
  () => assert.notStrictEqual(1, 1), () => assert.fail(), () => assert.fail("own"), () => assert.ok(0, "falsy"), () => assert.ifError(new Error("e")),
  () => assert.strictEqual("a\nb\nc", "a\nb\nd"), () => assert.deepStrictEqual(new Map([[1, 2]]), new Map([[1, 3]])), () => assert.deepStrictEqual([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 5, 6, 7, 8, 0]),
  () => assert.doesNotThrow(() => { throw new Error("inner"); }),
];
export const cases = {
  posix: () => paths.map((p) => [path.normalize(p), path.dirname(p), path.basename(p), path.extname(p), path.isAbsolute(p), path.parse(p), path.join("/r", p), path.relative("/a/d", "/" + p)]),
  win32: () => paths.map((p) => [path.win32.normalize(p), path.win32.dirname(p), path.win32.basename(p), path.win32.isAbsolute(p), path.win32.parse(p), path.win32.join("c:\\r", p), path.win32.toNamespacedPath(p)]),
  more: () => [path.format({ dir: "/x", name: "y", ext: ".z" }), path.basename("a.html", ".html"), path.resolve("/a", "b", "../c"), path.sep, path.delimiter, path.posix === path, path.win32.sep],
  badPath: () => path.join(1),
  query: () => [qs.parse("a=1&a=2&b=%20c&d"), qs.stringify({ a: [1, "x y"], b: "é", c: true, d: null }), qs.escape("é&="), qs.unescape("%C3%A9%zz"), qs.parse("a:1;b:2", ";", ":"), qs.parse("a=1&b=2&c=3", null, null, { maxKeys: 2 })],
  punycode: () => [punycode.encode("mañana"), punycode.decode("maana-pta"), punycode.toASCII("mañana.com"), punycode.ucs2.decode("a😀")],
  decoder: () => { const d = new StringDecoder("utf8"); const b = Buffer.from("€é"); return [d.write(b.subarray(0, 1)), d.write(b.subarray(1, 4)), d.end(b.subarray(4)), d.end(Buffer.from([0xe2]))]; },
  decoder16: () => { const d = new StringDecoder("utf16le"); return [d.write(Buffer.from([61, 216, 77])), d.end(Buffer.from([220]))]; },
  decoder64: () => { const d = new StringDecoder("base64"); return [d.write(Buffer.from("ab")), d.write(Buffer.from("cd")), d.end()]; },
  asserts: () => failing.map((f) => { try { f(); return "passed"; } catch (e) { return [e.name, e.code, e.message, e.operator, e.generatedMessage]; } }),
  passes: () => { assert(1); assert.deepStrictEqual(new Set([1, { a: 1 }]), new Set([1, { a: 1 }])); assert.throws(() => { throw new TypeError("x"); }, { name: "TypeError", message: "x" }); assert.notDeepEqual(1, 2); assert.strict.equal(1, 1); return "ok"; },
  rejects: async () => { await assert.rejects(Promise.reject(new Error("r")), /r/); await assert.doesNotReject(Promise.resolve()); return assert.rejects(Promise.resolve(1)).catch((e) => e.message); },
  loose: () => { assert.deepEqual({ a: 1 }, { a: "1" }); return "ok"; },
};
