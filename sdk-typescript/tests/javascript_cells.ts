/** Cells in JavaScript and TypeScript, and what Node is given for them. */

/** A cell; `node` is the same for Node's scripts, which have no types, imports or `await`. */
interface Form {
  code: string;
  node?: string;
}

/** Numbers that look like chance and are the same each time. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** `n` is any number, `m` one of a few, `k` one that no other cell has. */
function formsOf(n: number, m: number, k: number): (string | Form)[] {
  return [
    `total += ${n}; total`,
    `seen.push(${n}); seen.slice(-3)`,
    `counts[${n % 5}] = (counts[${n % 5}] ?? 0) + 1; counts`,
    `function f${m}(x, { y = ${n} } = {}) { return x * y + total } f${m}(2)`,
    `let l${k} = ${n}; const c${k} = l${k} * 2; l${k}++; [l${k}, c${k}]`,
    `class A${k} { #n = ${n}; get n() { return this.#n } static s = ${m} } new A${k}()`,
    `class B${k} extends Map { kind = "b" } new B${k}([[${n}, { a: [1, { b: { c: {} } }] }]])`,
    `new A0().n + A0.s`,
    `Array.from({ length: ${n % 7} }, (_, i) => i ** 2)`,
    `({ a: ${n}, "b c": [null, undefined, true, 1.5, -0], [Symbol("s")]: 1, f() {}, get g() { return 1 } })`,
    `[new Map([["k", ${n}]]), new Set([${n}, "s"]), new Date(${n} * 86_400_000), /x${m}/gi, 10n ** ${n % 30}n]`,
    `[Symbol("x${m}"), function named() {}, () => 1, class C {}, class D extends Object {}, async () => {}, function* g() {}]`,
    `new Uint8Array(${n % 9}).fill(${m}), [new Float64Array([${n} / 7]), new ArrayBuffer(${m}), Buffer.from("é${m}")]`,
    `[${n} / 3, ${n} / 0, 0 / 0, 1e21 + ${n}, 1e-7 * ${m}, 2 ** 53 + ${n}, 0.1 + 0.2]`,
    `[(${n}.456).toFixed(2), (${n}).toString(36), (${n}).toExponential(3), (${n} / 7).toPrecision(5), parseInt("${n}px")]`,
    `const o${k} = { n: ${n} }; o${k}.self = o${k}; o${k}`,
    `[, ${n}, , "it's", 'say "x"', \`both ' and "\`, "a\\n\\t\\u0007é😀"]`,
    `"${n}-${m}-x".split("-").map((s) => s.padStart(4, "_")).join("|").replaceAll(/(\\d)/g, "<$1>")`,
    `"a1b22c333".matchAll(/(?<letter>[a-z])(?<digits>\\d+)/g).next().value.groups`,
    `Object.fromEntries(Object.entries(counts).map(([key, value]) => [\`n\${key}\`, value * ${n}]))`,
    `const { a: a${k} = ${n}, ...rest${k} } = { b: 1, c: [2] }; [a${k}, rest${k}]`,
    `[...(function* () { for (let i = 0; i < ${n % 4}; i++) yield i; return ${n} })()]`,
    `[3, 1, ${n}, 2].sort((a, b) => b - a), structuredClone({ n: ${n}, d: new Date(0), m: new Map([[1, { x: 1 }]]) })`,
    `JSON.stringify({ n: ${n}, seen: seen.length, u: undefined, d: new Date(${n}) }, null, ${m})`,
    `for (let i = 0; i < ${n % 4}; i++) { console.log("line", i, { i }) } console.error("%s is %d", "n", ${n})`,
    `console.log("%o %j", [${n}], { m: ${m} }, new Set([1])); console.table([{ a: ${n} }])`,
    `if (${n} % 2) { "odd" } else { "even" }`,
    `for (var v = 0; v < ${n % 5}; v++) v * 10`,
    `switch (${n % 3}) { case 0: "none"; break; case 1: "one"; default: "some" }`,
    `try { if (${n % 2}) throw new RangeError("r"); "fine" } catch ({ name }) { name } finally { total }`,
    `out: { ${n}; if (${m} > 2) break out; "after" }`,
    `${n}; var w${k} = 1`,
    `${n}; function g${k}() {}`,
    `"use strict"; this === undefined`,
    `typeof later${k}; var later${k}`,
    `var { length } = "x".repeat(${m}); length`,
    `x${m} = ${n}; delete globalThis.x${m}`,
    `Object.getOwnPropertyDescriptor({ get a() { return 1 } }, "a")`,
    `new Proxy({ n: ${n} }, { get: (_, key) => String(key) }).anything`,
    `Object.create(null, { n: { value: ${n}, enumerable: true } })`,
    `[Object.groupBy, Array.prototype.at, Promise.withResolvers].map((f) => typeof f === "function").length`,
    `\`\${total}|\${${n}}\`.length > 3 && [1, [2, [3, [4, [5]]]]].flat(${m})`,
    `new URL("https://u:p@example.com:${1000 + n}/a/../b?q=${m}#h").href`,
    `[..."👩‍👩‍👧${m}"].length, encodeURIComponent("é ${n}&"), btoa("${n}")`,
    `Promise.resolve(${n})`,
    `Array(${n}).fill(${m})`,
    `Array.from({ length: ${100 + n} }, (_, i) => "item " + i)`,
    `"long ".repeat(${n})`,
    `[Math, JSON, globalThis.undefinedName, Reflect].map(String)`,
    `[new Boolean(false), new Number(${n}), new String("s${m}"), Object(Symbol.iterator), Object(${n}n)]`,
    `[[].values(), "x"[Symbol.iterator](), (function* () {})()]`,
    `new (class extends Array {})(1, 2, ${n})`,
    `new (class Foo { get [Symbol.toStringTag]() { return "bar" } })()`,
    `new WeakSet(), [new DataView(new ArrayBuffer(2)), (function () { return arguments })(1, "${n}")]`,
    { code: `await twice(${n})`, node: `twice(${n})` },
    {
      code: `const t${k} = await twice(${m}); t${k} + 1`,
      node: `var t${k}; (async () => { t${k} = await twice(${m}); return t${k} + 1 })()`,
    },
    {
      code: `for await (const each of [twice(1), ${n}]) total += each\ntotal`,
      node: `(async () => { for await (const each of [twice(1), ${n}]) total += each; return total })()`,
    },
    {
      code: `await Promise.allSettled([twice(${n}), Promise.reject(${m})])`,
      node: `Promise.allSettled([twice(${n}), Promise.reject(${m})])`,
    },
    {
      code: `const s${k}: number | string = ${n} as number; interface I { a?: string }; s${k}!`,
      node: `const s${k} = ${n}; s${k}`,
    },
    {
      code: `enum E${k} { A = ${n}, B }; function typed<T>(x: T): T[] { return [x] } typed(E${k}.B)`,
      node: `[${n + 1}]`,
    },
    {
      code: `import { join as j${m}, sep } from "node:path"\nimport * as u${m} from "node:util"\nj${m}("a", "${n}") + sep + u${m}.format("%i", ${m})`,
      node: `"a/${n}/${m}"`,
    },
    `class D${k} { static #count = 0; static { this.#count = ${n} } #p() { return D${k}.#count } get p() { return this.#p() } set p(v) {} } [new D${k}(), new D${k}().p, D${k}]`,
    `x: for (const i of [1, 2, 3]) { for (const j of [1, 2]) { if (j === ${m % 3}) continue x; console.log(i, j) } }`,
    `var q${m} ??= ${n}; seen?.[0]?.toFixed?.(1), q${m} ||= 5, q${m} **= 2`,
    `["2024-0${1 + m}-1${m}".replace(/(?<=-)(?<d>\\d+)$/d, "[$<d>]"), /^\\p{Lu}/u.test("Éa"), "aBc".match(/b/i).index, /a/y.sticky]`,
    `[new Date(2024, ${m}, 31, 12, 30).toISOString(), new Date("2024-02-30").getTime(), Date.UTC(20${10 + m}), String(new Date(${n} * 1e9)).slice(0, 33)]`,
    `[5, 1, ${n}].toSorted((a, b) => a - b).with(0, "w").toSpliced(1, 1).findLast((x) => x), [1, 2].at(-1)`,
    `((strings, ...values) => [strings.raw, values])\`a\\n\${${n}}b\${total > 0}\``,
    `function* gen${k}() { try { const got = yield 1; console.log({ got }); yield 2 } finally { console.log("closed") } } const it${k} = gen${k}(); [it${k}.next(), it${k}.next(${n}), it${k}.return("r"), it${k}.next()]`,
    `{
      function hoisted${k}() { return ${n} }
    }
    typeof hoisted${k}`,
    `[typeof this, this === globalThis, delete globalThis.total, Object.getOwnPropertyDescriptor(globalThis, "total")]`,
    `eval("var e${k} = ${n}; let hidden${k} = 1"); [e${k}, typeof hidden${k}, new Function("a", "return a + ${n}")(1)]`,
    `with ({ inside: ${n} }) inside`,
    `[010, 0b101, 0o17, 1_000, .5e-3, 0xff].map((x) => x + ${m})`,
    `(function () { "use strict"; try { Object.freeze([1]).push(${n}) } catch (e) { return e.constructor.name } })()`,
    `{ try { early; let early = 1 } catch (e) { console.log(e instanceof ReferenceError, e.name) } }`,
    `[Math.hypot(3, 4), Math.trunc(-${n}.5), Math.sign(-${m}), Math.clz32(${n}), Math.fround(${n}.1), Math.imul(${n}, 2 ** 31)]`,
    `new URLSearchParams("a=1&b=${n}&a=2"), [new TextEncoder().encode("é${m}"), new Headers({ B: "${n}", a: "1" })]`,
    `console.group("g"); console.log([[${n}], "two\\nlines"]); console.groupEnd(); console.dir({ a: { b: { c: {} } } }, { depth: 0 }); console.assert(${n} < 0, "less"); console.count()`,
    `Object.defineProperties({}, { hidden: { value: 1 }, shown: { value: ${n}, enumerable: true }, both: { get() {}, set() {}, enumerable: true } })`,
    `Object.assign(() => {}, { n: ${n} }), Object.assign([1], { extra: ${m} }), Object.assign(function fn() {}, { p: 1 })`,
    `Array.from({ length: ${n} }, (_, i) => [i, "x".repeat(i % 9)]).slice(0, ${n % 40})`,
    `new Map([[{ k: 1 }, new Set([[${n}]])], ["deep", new Map([[1, new Map([[2, {}]])]])]])`,
    `({ long: "y".repeat(${n}), list: Array(${n % 20}).fill("item"), nested: { a: { b: { c: ${n} } } } })`,
    `[-0, 0, [-0], { z: -0 }, new Number(-0), [undefined, null], [[]], [{}], {}]`,
    `[Symbol.iterator, Symbol.for("r${m}"), Object(Symbol("w")), { [Symbol("k")]: Symbol() }]`,
    `"\\u{1F600}".codePointAt(0) + [..."aé😀"].map((c) => c.charCodeAt(0).toString(16)).join()`,
    `[1, 2, 3].reduceRight((a, b) => a + b, "${m}"), [[1, "a"], [2, "b"]].map(([a, b]) => ({ [b]: a }))`,
    `Array.from("${n}").map(Number).every(Number.isInteger), Number("0x${n % 9}f"), +[], [] + {}, [10, 9, 1].sort()`,
    `var a${k} = [1, 2, 3]; a${k}.length = 1; a${k}[3] = ${n}; delete a${k}[0]; a${k}`,
    `process.argv.length > 0 && typeof require, typeof module, typeof exports, typeof __filename`,
    `[1n < 2, 2n == 2, typeof 1n, BigInt.asIntN(8, ${n}n), (-${n}n) / 7n, ${n}n << ${m}n, BigInt("0b101")]`,
    `new Intl${m}()`,
    `total.x.y`,
    `(() => { throw new (class Odd${m} extends TypeError {})("odd") })()`,
    `Object.defineProperty(Object.freeze({}), "x", { value: 1 })`,
    `"x".repeat(-${n + 1})`,
    `Symbol() + ""`,
    `new (class { constructor() { this.#p } #p = (() => { throw new URIError("u") })() })()`,
    `decodeURIComponent("%")`,
    `/(/`,
    `for (const x of ${n}) x`,
    `function broken( {`,
    `await${k} = 1; awaited${k}`,
    {
      code: `setTimeout(() => console.log("timer"), 0); queueMicrotask(() => console.log("micro")); process.nextTick(() => console.log("tick")); console.log("sync"); await new Promise((r) => setTimeout(r, 5)); ${n}`,
      node: `setTimeout(() => console.log("timer"), 0); queueMicrotask(() => console.log("micro")); process.nextTick(() => console.log("tick")); console.log("sync"); new Promise((r) => setTimeout(r, 5, ${n}))`,
    },
    {
      code: `const [p${k}, q${k} = ${n}] = await Promise.all([twice(1)]); ({ p${k}, q${k} })`,
      node: `var p${k}, q${k}; (async () => { [p${k}, q${k} = ${n}] = await Promise.all([twice(1)]); return { p${k}, q${k} } })()`,
    },
    {
      code: `function late${k}() { return lc${k} } const lc${k} = await twice(${n}); late${k}()`,
      node: `function late${k}() { return lc${k} } var lc${k}; (async () => { lc${k} = await twice(${n}); return late${k}() })()`,
    },
    {
      code: `class Awaiting${k} { v = ${n} } await 0; new Awaiting${k}()`,
      node: `class Awaiting${k} { v = ${n} } new Awaiting${k}()`,
    },
    {
      code: `if (await twice(1)) { "yes ${n}" }`,
      node: `"yes ${n}"`,
    },
    {
      code: `import util${m}, { inspect as in${m} } from "node:util"; in${m}({ n: ${n} }) + (typeof util${m}.format)`,
      node: `"{ n: ${n} }function"`,
    },
    {
      code: `abstract class Shape${k} { constructor(protected readonly side: number) {} abstract area(): number }\nclass Square${k} extends Shape${k} { area() { return this.side ** 2 } }\nnew Square${k}(${m}).area() satisfies number`,
      node: `${m * m}`,
    },
    {
      code: `namespace NS${k} { export const inner = ${n} } type T = keyof typeof NS${k}; let u${k} = <T>"inner"; NS${k}[u${k}]`,
      node: `${n}`,
    },
    `missing_${n}`,
    `seen[${n * 1000}].x`,
    `null.f${m}()`,
    `c0 = 1`,
    `throw new TypeError("no ${n}")`,
    `throw { code: ${n} }`,
    `(class Own extends Error { name = "Own" }).x; throw new (class Own extends RangeError {})("x")`,
    `new Array(-${n + 1})`,
    `BigInt("x${n}")`,
    `let = ${n} +`,
    `JSON.parse("{${n}")`,
    {
      code: `await Promise.reject(new SyntaxError("s"))`,
      node: `Promise.reject(new SyntaxError("s"))`,
    },
    "",
    "// nothing",
  ];
}

const FIRST = `
var total = 0, seen = [], counts = {};
let l0 = 1; const c0 = 2;
class A0 { n = 7; static s = 1 }
async function twice(n) { await null; return 2 * n }
`;

/** What no cell that comes later may be harmed by. */
export const HOSTILE = [
  "process.exit(3)",
  "(function f() { f() })()",
  "while (true) {}",
  "try { while (true) {} } finally { while (true) {} }",
  "console.log('\\x1b[2J\\x1b]0;title\\x07')",
  "throw Object.create(null)",
  "throw { get message() { throw 1 }, get stack() { throw 2 }, toString() { throw 3 } }",
  "setTimeout(() => { throw new Error('late') }, 0); setInterval(() => total++, 0); 1",
  "Promise.reject(new Error('nobody catches it')); 1",
  "({ [Symbol.for('nodejs.util.inspect.custom')]() { while (true) {} } })",
  "({ toJSON() { throw new Error('no') }, get x() { throw new Error('no') } })",
  "new Proxy({}, { get() { throw 1 }, ownKeys() { throw 2 }, getPrototypeOf() { throw 3 } })",
  "console.log('x'.repeat(3_000_000))",
  "await new Promise(() => {})",
  "'\\ud800'",
];

/** So many cells that lean on one another, the same each time; each form is among them. */
export function mixedCells(count: number): { code: string; node: string; awaited: boolean }[] {
  const next = chance(7);
  const cells: Form[] = [{ code: FIRST }];
  for (let k = 1; cells.length < count; k++) {
    const all = formsOf(next(200), next(5), k);
    const form = all[k <= all.length ? k - 1 : next(all.length)] ?? ""; // each one once
    cells.push(typeof form === "string" ? { code: form } : form);
  }
  return cells.map(({ code, node }) => ({
    code,
    node: node ?? code,
    awaited: node !== undefined,
  }));
}
