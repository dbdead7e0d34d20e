import fs from "node:fs";
import fsp from "node:fs/promises";
import path from "node:path";
import { finished } from "node:stream/promises";
import { promisify } from "node:util";

// ROOT is a folder of the case's own: a mount in the sandbox. Times and numbers of inodes differ from run to run.
const root = process.env.ROOT;
const at = (...names) => path.join(root, ...names);
const attempt = async (f) => { try { return await f(); } catch (e) { return [e.name, e.code, e.errno, e.syscall, e.path, e.dest, e.message]; } };
const each = (...calls) => Promise.all(calls.map(attempt));
export const cases = {
  writeRead: () => { fs.writeFileSync(at("a.txt"), "héllo"); fs.appendFileSync(at("a.txt"), Buffer.from("!")); return [fs.readFileSync(at("a.txt"), "utf8"), fs.readFileSync(at("a.txt")), fs.readFileSync(at("a.txt"), { encoding: "base64" }), fs.statSync(at("a.txt")).size]; },
  flags: () => { fs.writeFileSync(at("f"), "abc"); fs.writeFileSync(at("f"), "X", { flag: "r+" }); fs.writeFileSync(at("f"), "Y", { flag: "a" }); return fs.readFileSync(at("f"), "latin1"); },
  missing: () => each(() => fs.readFileSync(at("no")), () => fs.statSync(at("no")), () => fs.lstatSync(at("no")), () => fs.readdirSync(at("no")), () => fs.unlinkSync(at("no")), () => fs.rmdirSync(at("no")), () => fs.rmSync(at("no")), () => fs.renameSync(at("no"), at("b")), () => fs.openSync(at("no")), () => fs.accessSync(at("no")), () => fs.copyFileSync(at("no"), at("b")), () => fs.realpathSync(at("no")), () => fs.truncateSync(at("no")), () => fs.utimesSync(at("no"), 1, 1), () => fs.mkdirSync(at("no/x")), () => fs.readlinkSync(at("no")), () => fs.mkdtempSync(at("no/x"))),
  wrongKind: () => { fs.mkdirSync(at("dir")); fs.writeFileSync(at("file"), ""); return each(() => fs.readFileSync(at("dir")), () => fs.writeFileSync(at("dir"), ""), () => fs.readdirSync(at("file")), () => fs.mkdirSync(at("dir")), () => fs.rmdirSync(at("file")), () => fs.rmSync(at("dir")), () => fs.writeFileSync(at("file"), "", { flag: "wx" }), () => fs.readFileSync(at("file/x"))); },
  exists: () => [fs.existsSync(at("a.txt")), fs.existsSync(at("nope")), fs.existsSync(5), fs.statSync(at("nope"), { throwIfNoEntry: false })],
  folders: () => { const made = fs.mkdirSync(at("x/y/z"), { recursive: true }); fs.writeFileSync(at("x/1"), "1"); fs.writeFileSync(at("x/y/2"), "2"); return [made, fs.mkdirSync(at("x/y"), { recursive: true }), fs.readdirSync(at("x")).sort(), fs.readdirSync(at("x"), { recursive: true }).sort(), fs.readdirSync(at("x"), { withFileTypes: true }).map((d) => [d.name, d.isDirectory(), d.isFile(), d.parentPath]).sort()]; },
  remove: () => { fs.mkdirSync(at("r/s"), { recursive: true }); fs.writeFileSync(at("r/s/t"), ""); fs.rmSync(at("r"), { recursive: true }); fs.rmSync(at("r"), { force: true }); return fs.existsSync(at("r")); },
  notEmpty: () => { fs.mkdirSync(at("ne/s"), { recursive: true }); return attempt(() => fs.rmdirSync(at("ne"))); },
  rename: () => { fs.writeFileSync(at("old"), "o"); fs.renameSync(at("old"), at("new")); return [fs.existsSync(at("old")), fs.readFileSync(at("new"), "utf8")]; },
  copy: () => { fs.writeFileSync(at("c1"), "c".repeat(300000)); fs.writeFileSync(at("c2"), "long".repeat(200000)); fs.copyFileSync(at("c1"), at("c2")); return [fs.statSync(at("c2")).size, attempt(() => fs.copyFileSync(at("c1"), at("c2"), fs.constants.COPYFILE_EXCL))]; },
  copyTree: () => { fs.mkdirSync(at("t1/u"), { recursive: true }); fs.writeFileSync(at("t1/u/v"), "v"); fs.cpSync(at("t1"), at("t2"), { recursive: true }); return fs.readdirSync(at("t2"), { recursive: true }).sort(); },
  links: () => { fs.writeFileSync(at("target"), "t"); fs.symlinkSync("target", at("link")); const s = fs.lstatSync(at("link")); return [s.isSymbolicLink(), fs.readlinkSync(at("link")), fs.readFileSync(at("link"), "utf8"), fs.realpathSync(at("link")) === fs.realpathSync(at("target"))]; },
  stat: () => { fs.writeFileSync(at("st"), "12345"); const s = fs.statSync(at("st")), b = fs.statSync(at("st"), { bigint: true }); return [s.isFile(), s.isDirectory(), s.size, b.size, s.mtime instanceof Date, s.mtimeMs > 1e12, typeof b.mtimeNs, Object.keys(s), s.constructor.name, fs.statSync(root).isDirectory()]; },
  times: () => { fs.writeFileSync(at("tm"), ""); fs.utimesSync(at("tm"), 1000, new Date(2000000)); const s = fs.statSync(at("tm")); return [s.atimeMs, s.mtimeMs, s.mtime]; },
  truncate: () => { fs.writeFileSync(at("tr"), "abcdef"); fs.truncateSync(at("tr"), 3); const a = fs.readFileSync(at("tr"), "utf8"); fs.truncateSync(at("tr"), 5); return [a, fs.readFileSync(at("tr"))]; },
  descriptors: () => { const fd = fs.openSync(at("d"), "w+"); const n = [fs.writeSync(fd, "hello"), fs.writeSync(fd, Buffer.from("XY"), 0, 1, 1), fs.writeSync(fd, "é", null, "utf8")]; const b = Buffer.alloc(8, "."); const r = [fs.readSync(fd, b, 0, 8, 0), fs.readSync(fd, b, { position: 3, length: 2 }), String(b)]; fs.ftruncateSync(fd, 2); const s = fs.fstatSync(fd).size; fs.fsyncSync(fd); fs.closeSync(fd); return [n, r, s, attempt(() => fs.readSync(fd, b))]; },
  vectors: () => { const fd = fs.openSync(at("v"), "w+"); const w = fs.writevSync(fd, [Buffer.from("ab"), Buffer.from("cd")]); const bs = [Buffer.alloc(3), Buffer.alloc(3)]; const r = fs.readvSync(fd, bs, 0); fs.closeSync(fd); return [w, r, bs]; },
  callbacks: async () => { await promisify(fs.writeFile)(at("cb"), "x"); return [await promisify(fs.readFile)(at("cb"), "utf8"), await promisify(fs.exists)(at("cb")), await new Promise((r) => fs.stat(at("zz"), (e, s) => r([e.code, s]))), await promisify(fs.access)(at("cb"))]; },
  callbackRead: async () => { const fd = fs.openSync(at("cb"), "r"); const r = await promisify(fs.read)(fd, Buffer.alloc(4), 0, 4, 0); fs.closeSync(fd); return r; },
  promises: async () => { await fsp.mkdir(at("p/q"), { recursive: true }); await fsp.writeFile(at("p/q/f"), ["a", "b"]); return [await fsp.readFile(at("p/q/f"), "utf8"), (await fsp.readdir(at("p"))), (await fsp.stat(at("p"))).isDirectory(), await attempt(() => fsp.readFile(at("nope"))), await fsp.access(at("p"))]; },
  handle: async () => { const h = await fsp.open(at("h"), "w+"); await h.write("line1\nline2\r\nlast"); await h.writeFile("!"); const s = (await h.stat()).size; const { bytesRead, buffer } = await h.read({ buffer: Buffer.alloc(5), position: 0 }); await h.close(); const lines = []; const again = await fsp.open(at("h")); for await (const l of again.readLines()) lines.push(l); return [s, bytesRead, String(buffer), lines, (await fsp.readFile(at("h"))).length]; },
  streams: async () => { const w = fs.createWriteStream(at("s")); w.write("abc"); w.end("def"); await finished(w); const parts = []; for await (const c of fs.createReadStream(at("s"), { start: 1, end: 4, highWaterMark: 2, encoding: "utf8" })) parts.push(c); return [parts, w.bytesWritten]; },
  streamMissing: () => new Promise((r) => fs.createReadStream(at("nope")).on("error", (e) => r(e.code))),
  streamAppend: async () => { const w = fs.createWriteStream(at("s"), { flags: "a" }); w.end("!"); await finished(w); return fs.readFileSync(at("s"), "utf8"); },
  big: async () => { const data = Buffer.alloc(3000000, "0123456789"); fs.writeFileSync(at("big"), data); let n = 0; for await (const c of fs.createReadStream(at("big"))) n += c.length; return [n, fs.readFileSync(at("big")).equals(data)]; },
  temporary: () => { const d = fs.mkdtempSync(at("tmp-")); return [path.basename(d).length, fs.statSync(d).isDirectory()]; },
  opendir: async () => { fs.mkdirSync(at("od")); fs.writeFileSync(at("od/a"), ""); const names = []; for await (const e of await fsp.opendir(at("od"))) names.push([e.name, e.isFile()]); return names; },
  urls: () => { fs.writeFileSync(new URL(`file://${root}/u%20v`), "u"); return fs.readFileSync(at("u v"), "utf8"); },
  bad: () => each(() => fs.readFileSync(5.5), () => fs.readFileSync({}), () => fs.writeFileSync(at("w"), 5), () => fs.readFileSync(at("a\0b")), () => fs.openSync(at("a"), "zz"), () => fs.readFile(at("a")), () => fs.readFileSync(at("a"), "nope")),
  access: () => each(() => fs.accessSync(at("a.txt"), fs.constants.R_OK | fs.constants.W_OK), () => fs.accessSync(root, fs.constants.R_OK)),
  blob: async () => (await (await fs.openAsBlob(at("a.txt"))).text()).length,
  aborted: () => attempt(() => fsp.readFile(at("a.txt"), { signal: AbortSignal.abort() })).then((e) => e.slice(0, 2)),
};
