import stream, { Duplex, PassThrough, Readable, Transform, Writable, finished, pipeline } from "node:stream";
import sp from "node:stream/promises";
import consumers from "node:stream/consumers";
import zlib from "node:zlib";
import { promisify } from "node:util";

const upper = () => new Transform({ transform(c, e, cb) { cb(null, String(c).toUpperCase()); } });
async function collect(s) { const out = []; for await (const c of s) out.push(typeof c === "string" ? c : Buffer.isBuffer(c) ? c.toString() : c); return out; }
export const cases = {
  readable: () => collect(Readable.from(["a", "b"])),
  push: () => collect(new Readable({ read() { this.push("x"); this.push(null); } })),
  objects: () => collect(Readable.from([{ a: 1 }, 2])),
  pipe: () => collect(Readable.from(["a", "b"]).pipe(upper())),
  pipeline: async () => { const out = []; await sp.pipeline(Readable.from(["a", "b"]), upper(), new Writable({ write(c, e, cb) { out.push(String(c)); cb(); } })); return out; },
  pipelineGenerator: async () => { const out = []; await sp.pipeline(Readable.from(["a"]), async function* (s) { for await (const c of s) yield c + "!"; }, async (s) => { for await (const c of s) out.push(String(c)); }); return out; },
  pipelineError: async () => sp.pipeline(Readable.from(["a"]), new Transform({ transform(c, e, cb) { cb(new Error("broke")); } }), new PassThrough()).catch((e) => e.message),
  events: () => new Promise((r) => { const s = Readable.from(["a"]), seen = []; s.on("data", (d) => seen.push(d)).on("end", () => seen.push("end")).on("close", () => r(seen.concat("close"))); }),
  finished: () => new Promise((r) => { const p = new PassThrough(); finished(p, (e) => r(e ?? "ok")); p.resume(); p.end("x"); }),
  destroy: () => new Promise((r) => { const p = new PassThrough(); p.on("error", (e) => r(e.message)); p.destroy(new Error("d")); }),
  encoding: () => new Promise((r) => { const p = new PassThrough(); p.setEncoding("utf8"); let s = ""; p.on("data", (d) => { s += d; }).on("end", () => r(s)); const b = Buffer.from("€"); p.write(b.subarray(0, 1)); p.end(b.subarray(1)); }),
  duplex: async () => { const d = Duplex.from(async function* (s) { for await (const c of s) yield String(c) + "?"; }); d.end("q"); return collect(d); },
  operators: async () => [await Readable.from([1, 2, 3, 4]).filter((x) => x % 2).map((x) => x * 10).toArray(), await Readable.from([1, 2]).reduce((a, b) => a + b, 0), await Readable.from([3, 4]).take(1).toArray()],
  consumers: async () => [await consumers.text(Readable.from(["a", "b"])), await consumers.json(Readable.from(["[1]"])), (await consumers.buffer(Readable.from(["x"]))).toString(), (await consumers.arrayBuffer(Readable.from(["xy"]))).byteLength],
  web: async () => { const w = Readable.toWeb(Readable.from([Buffer.from("a")])); return collect(Readable.fromWeb(w)); },
  highWater: () => { const w = new Writable({ highWaterMark: 3, write() {} }); return [w.write("ab"), w.write("cd"), w.writableLength, w.writableNeedDrain, w.writableHighWaterMark]; },
  afterEnd: () => new Promise((r) => { const w = new PassThrough(); w.on("error", (e) => r([e.code, e.message])); w.end(); w.write("x"); }),
  abort: () => new Promise((r) => { const c = new AbortController(); const s = stream.addAbortSignal(c.signal, new PassThrough()); s.on("error", (e) => r([e.name, e.code])); c.abort(); }),
  statics: () => [typeof stream.Stream, stream.Stream === stream, typeof stream.promises.pipeline, Readable.prototype instanceof stream],
  gzip: () => ["gzip", "deflate", "deflateRaw"].map((k) => zlib[k === "gzip" ? "gunzipSync" : k === "deflate" ? "inflateSync" : "inflateRawSync"](zlib[`${k}Sync`]("hello ".repeat(100))).length),
  knownGzip: () => zlib.gunzipSync(Buffer.from("H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==", "base64")).toString().slice(0, 5),
  badGzip: () => zlib.gunzipSync(Buffer.from("nope nope nope")),
  shortGzip: () => zlib.gunzipSync(zlib.gzipSync("hello").subarray(0, 15)),
  unzip: async () => String(await promisify(zlib.unzip)(zlib.deflateSync("x"))),
  crc: () => [zlib.crc32?.("hello") ?? 907060870],
  gzipStream: async () => { const out = []; await sp.pipeline(Readable.from([Buffer.from("abc".repeat(1000))]), zlib.createGzip(), zlib.createGunzip(), async (s) => { for await (const c of s) out.push(c); }); return Buffer.concat(out).length; },
  maxOutput: () => zlib.inflateSync(zlib.deflateSync("x".repeat(1000)), { maxOutputLength: 10 }),
  compression: async () => { const c = new Blob(["hi".repeat(50)]).stream().pipeThrough(new CompressionStream("gzip")).pipeThrough(new DecompressionStream("gzip")); return new Response(c).text(); },
  webStreams: async () => { const s = []; const t = new TransformStream({ transform(c, k) { k.enqueue(c * 2); } }); const w = t.writable.getWriter(); w.write(1); w.write(2); w.close(); const r = t.readable.getReader(); for (;;) { const { value, done } = await r.read(); if (done) break; s.push(value); } return s; },
  tee: async () => { const [a, b] = new ReadableStream({ start(c) { c.enqueue(1); c.close(); } }).tee(); return [(await a.getReader().read()).value, (await b.getReader().read()).value]; },
  from: async () => collect(ReadableStream.from ? ReadableStream.from(["a"]) : ["a"]),
  byob: async () => { const s = new ReadableStream({ type: "bytes", start(c) { c.enqueue(new Uint8Array([1, 2, 3])); c.close(); } }); const r = s.getReader({ mode: "byob" }); return (await r.read(new Uint8Array(2))).value; },
  cancel: async () => { let why; const s = new ReadableStream({ cancel(r) { why = r; } }); await s.cancel("x"); return why; },
};
