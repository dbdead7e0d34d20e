import { describe, expect, test } from "vitest";
import { decode } from "../src/json/decode.js";
import { encode, InvalidValue } from "../src/json/encode.js";

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < depth; level++) {
    value = [value];
  }
  return value;
}

class Point {
  readonly #secret = 3;
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
  get sum(): number {
    return this.x + this.y + this.#secret;
  }
}

class Money {
  constructor(readonly cents: bigint) {}
  toJSON(key: string): unknown {
    return { [key || "value"]: this.cents };
  }
}

const bytes = new Uint8Array([0, 1, 254, 255]);

describe("what has a form", () => {
  test.each<[string, unknown, string]>([
    ["null", null, "null"],
    ["undefined", undefined, "null"],
    ["booleans", [true, false], "[true,false]"],
    ["numbers", [0, -1.5, 1e300, 5e-324, 0.1 + 0.2], "[0,-1.5,1e+300,5e-324,0.30000000000000004]"],
    ["minus zero", -0, "-0.0"],
    ["a bigint", [2n ** 64n, -1n], "[18446744073709551616,-1]"],
    ["text", "é\0\n\u2028🙂\x7f\\\"'", JSON.stringify("é\0\n\u2028🙂\x7f\\\"'")],
    ["an object", { b: 1, a: { "": [] } }, '{"b":1,"a":{"":[]}}'],
    ["undefined as a property", { a: undefined, b: 1 }, '{"b":1}'],
    ["undefined and holes in an array", [undefined, ...Array(1), 1], "[null,null,1]"],
    ["an object without prototype", Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ["__proto__ as a key", JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
    ["an instance", new Point(1, 2), '{"x":1,"y":2}'],
    ["toJSON", { price: new Money(5n) }, '{"price":{"price":5}}'],
    ["a Date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ["a URL", new URL("https://a.b/c"), '"https://a.b/c"'],
    ["a Map", new Map([["a", new Set([1, 2])]]), '{"a":[1,2]}'],
    ["bytes", bytes, '"AAH+/w=="'],
    ["a part of a buffer", Buffer.from([9, 0, 1, 254, 255]).subarray(1), '"AAH+/w=="'],
    ["an ArrayBuffer", bytes.buffer, '"AAH+/w=="'],
    ["a DataView", new DataView(bytes.buffer, 1, 1), '"AQ=="'],
    ["typed numbers", new Float64Array([1, 0.5]), "[1,0.5]"],
    ["signed bytes", new Int8Array([-1, 2]), "[-1,2]"],
    ["typed bigints", new BigInt64Array([1n, -1n]), "[1,-1]"],
    ["boxed", [Object("a"), Object(1), Object(false), Object(2n)], '["a",1,false,2]'],
    ["200 levels", nested(200), JSON.stringify(nested(200))],
  ])("%s", (_, value, text) => {
    expect(encode(value, "value")).toBe(text);
  });

  test("the same object twice is no cycle", () => {
    const shared = { a: 1 };
    expect(encode([shared, { shared }], "value")).toBe('[{"a":1},{"shared":{"a":1}}]');
  });
});

describe("what has none is refused with its path", () => {
  const cycle: Record<string, unknown> = { items: [] };
  (cycle.items as unknown[]).push({ back: cycle });
  const selfish = { toJSON: () => selfish };

  test.each<[unknown, string]>([
    [Number.NaN, "value is NaN, which JSON cannot hold"],
    [[0, Number.NEGATIVE_INFINITY], "value[1] is -Infinity"],
    [{ when: new Date(Number.NaN) }, "value.when is an invalid Date"],
    [{ "a b": { c: Symbol("s") } }, 'value["a b"].c has type symbol'],
    [{ run: () => 1 }, "value.run has type function, which has no JSON form; only data"],
    [
      new Map<unknown, number>([[1, 1]]),
      "value has the key 1 of type number; keys must be strings",
    ],
    [new Map([["k", new Map([["", Symbol.iterator]])]]), 'value.k[""] has type symbol'],
    ["a\ud800", "value has the lone surrogate U+D800 at character 1"],
    [{ "\udc00": 1 }, 'value["\\udc00"] has the lone surrogate U+DC00 at character 0'],
    [cycle, "value.items[0].back contains itself"],
    [selfish, "value is nested deeper than 200 levels"],
    [nested(201), "is nested deeper than 200 levels"],
    [10n ** 1000n, "value is a bigint of more than 1000 digits"],
    [Promise.resolve(1), "value has type Promise, which has no JSON form; await it first"],
    [new RangeError("x"), "value has type RangeError, which has no JSON form; pass error.message"],
    [/x/, "value has type RegExp"],
    [new Headers(), "value has type Headers"],
    [new WeakMap(), "value has type WeakMap"],
    [new (class Empty {})(), "value has type Empty"],
    [Object.assign(new Error("x"), { code: 1 }), "value has type Error"],
    [
      (function* () {
        yield 1;
      })(),
      "has no JSON form",
    ],
  ])("%#", (value, message) => {
    expect(() => encode(value, "value")).toThrow(InvalidValue);
    expect(() => encode(value, "value")).toThrow(message);
  });

  test("a path is cut to a readable length", () => {
    let value: unknown = Symbol("s");
    for (let level = 0; level < 150; level++) {
      value = { level: value };
    }
    expect(() => encode(value, "value")).toThrow(
      /^value(\.level)+\S*…\S*(\.level)+ has type symbol/,
    );
  });

  test("what a getter throws is its own", () => {
    const value = {
      get a(): number {
        throw new RangeError("mine");
      },
    };
    expect(() => encode(value, "value")).toThrow(RangeError);
  });
});

describe("decoding", () => {
  test.each<[string, unknown]>([
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["-9007199254740993", -9007199254740993n],
    ['{"a":[1,12345678901234567890]}', { a: [1, 12345678901234567890n] }],
    ["[12345678901234567890 , 1]", [12345678901234567890n, 1]],
    ["[0.1234567890123456789,1e25]", [0.12345678901234568, 1e25]],
    ["12345678901234567890.5", Number("12345678901234567890.5")],
    ["12345678901234567890e2", Number("12345678901234567890e2")],
    ['"12345678901234567890"', "12345678901234567890"],
    [
      '["a\\",12345678901234567890,",12345678901234567890]',
      ['a",12345678901234567890,', 12345678901234567890n],
    ],
    [
      '{"12345678901234567890":1,"b":12345678901234567890}',
      { "12345678901234567890": 1, b: 12345678901234567890n },
    ],
  ])("%s", (text, value) => {
    expect(decode(text)).toStrictEqual(value);
  });

  test("it refuses what JSON.parse refuses", () => {
    for (const text of ["", "{", "012345678901234567890", "[1,]", "-", "12345678901234567890x"]) {
      expect(() => decode(text), text).toThrow(SyntaxError);
    }
  });

  test("__proto__ is an ordinary key", () => {
    const value = decode('{"__proto__":{"polluted":12345678901234567890}}') as object;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect((value as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test("what was encoded comes back", () => {
    const value = [2n ** 70n, { a: "2n ** 70n", b: [-(2n ** 53n), 0.5] }];
    expect(decode(encode(value, "value"))).toStrictEqual(value);
  });
});
