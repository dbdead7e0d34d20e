import events, { EventEmitter, once, on } from "node:events";
import util from "node:util";
import dc from "node:diagnostics_channel";

export const cases = {
  order: () => { const e = new EventEmitter(), seen = []; e.on("x", (...a) => seen.push(["on", ...a])); e.prependListener("x", () => seen.push("first")); e.once("x", () => seen.push("once")); return [e.emit("x", 1, 2), e.emit("x"), e.emit("y"), seen]; },
  counts: () => { const e = new EventEmitter(); const f = () => {}; e.on("a", f).on("a", f).addListener("b", f); e.off("a", f); return [e.listenerCount("a"), e.eventNames(), e.rawListeners("a").length, e.getMaxListeners(), events.listenerCount(e, "a"), EventEmitter.defaultMaxListeners]; },
  error: () => new EventEmitter().emit("error", new Error("boom")),
  errorValue: () => new EventEmitter().emit("error", { a: 1 }),
  monitor: () => { const e = new EventEmitter(), s = []; e.on(events.errorMonitor, (x) => s.push(x.message)); try { e.emit("error", new Error("m")); } catch {} return s; },
  meta: () => { const e = new EventEmitter(), s = []; e.on("newListener", (n) => s.push("+" + String(n))); e.on("removeListener", (n) => s.push("-" + String(n))); const f = () => {}; e.on("q", f); e.removeListener("q", f); e.on(Symbol("z"), f); e.removeAllListeners(); return s; },
  once: async () => { const e = new EventEmitter(); queueMicrotask(() => e.emit("x", 1, 2)); return once(e, "x"); },
  onceError: async () => { const e = new EventEmitter(); queueMicrotask(() => e.emit("error", new Error("bad"))); return once(e, "x"); },
  onceTarget: async () => { const t = new EventTarget(); queueMicrotask(() => t.dispatchEvent(new Event("x"))); return (await once(t, "x")).length; },
  on: async () => { const e = new EventEmitter(), c = new AbortController(), s = []; queueMicrotask(() => { e.emit("x", 1); e.emit("x", 2); queueMicrotask(() => c.abort()); }); try { for await (const v of on(e, "x", { signal: c.signal })) s.push(v); } catch (err) { s.push(err.name, err.code); } return s; },
  classic: () => { function Old() { EventEmitter.call(this); } util.inherits(Old, EventEmitter); const o = new Old(); let n = 0; o.on("x", () => n++); o.emit("x"); return n; },
  captured: async () => { const e = new EventEmitter({ captureRejections: true }); e.on("x", async () => { throw new Error("late"); }); const p = new Promise((r) => e.on("error", r)); e.emit("x"); return (await p).message; },
  badListener: () => new EventEmitter().on("x", 5),
  targets: () => { const t = new EventTarget(), s = []; const l = (e) => s.push(e.type, e.target === t, e.eventPhase, e.cancelable); t.addEventListener("a", l); t.addEventListener("a", l); t.addEventListener("a", { handleEvent: (e) => { s.push("obj"); e.preventDefault(); } }, { once: true }); const r = [t.dispatchEvent(new Event("a", { cancelable: true })), t.dispatchEvent(new Event("a"))]; t.removeEventListener("a", l); t.dispatchEvent(new Event("a")); return [r, s]; },
  stop: () => { const t = new EventTarget(), s = []; t.addEventListener("a", (e) => { s.push(1); e.stopImmediatePropagation(); }); t.addEventListener("a", () => s.push(2)); t.dispatchEvent(new Event("a")); return s; },
  custom: () => { const e = new CustomEvent("x", { detail: { a: 1 } }); return [e.detail, e.type, e.bubbles, e.defaultPrevented, e instanceof Event, Object.prototype.toString.call(e)]; },
  abort: () => { const c = new AbortController(), s = []; c.signal.onabort = () => s.push("on"); c.signal.addEventListener("abort", (e) => s.push(e.type, e.isTrusted)); c.abort(); c.abort(); return [s, c.signal.aborted, c.signal.reason.name, c.signal.reason.code, c.signal.reason.message]; },
  abortStatics: () => [AbortSignal.abort("why").reason, AbortSignal.any([AbortSignal.abort(1), new AbortController().signal]).reason, (() => { const a = new AbortController(), s = AbortSignal.any([a.signal]); a.abort("x"); return s.reason; })()],
  timeout: async () => { const s = AbortSignal.timeout(1); await new Promise((r) => { s.onabort = r; setTimeout(() => {}, 20); }); return [s.reason.name, s.reason.message]; },
  throwIf: () => AbortSignal.abort().throwIfAborted(),
  illegal: () => new AbortSignal(),
  domException: () => { const e = new DOMException("m", "NotFoundError"); return [e.name, e.message, e.code, e instanceof Error, DOMException.ABORT_ERR, String(e), Object.prototype.toString.call(e), new DOMException("x", { name: "Y", cause: 3 }).cause]; },
  channel: () => { const s = []; const c = dc.channel("ch"); c.subscribe((m, n) => s.push(m, n)); c.publish({ a: 1 }); return [s, c.hasSubscribers, dc.hasSubscribers("none")]; },
};
