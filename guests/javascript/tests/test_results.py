from __future__ import annotations

import json
from typing import Any

import pytest

from component import failed, value
from sandbox import MIB, Guest


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("undefined", None),
        ("null", None),
        ("[undefined, , 1]", [None, None, 1]),
        ("({ a: undefined, b: null })", {"b": None}),
        ("'\\ud800 ü \\u0000'", "\ud800 ü \0"),
        ("new Date(0)", "1970-01-01T00:00:00.000Z"),
        ("new Map([['a', new Set([1, 2])], ['__proto__', 3]])", {"a": [1, 2], "__proto__": 3}),
        ("new Uint8Array([1, 2, 3])", "AQID"),
        ("new Uint8Array([0, 1, 2, 3]).subarray(1)", "AQID"),
        ("new Uint8Array([1, 2, 3]).buffer", "AQID"),
        ("new DataView(new Uint8Array([0, 1, 2, 3]).buffer, 1)", "AQID"),
        ("new Float64Array([1.5, 2])", [1.5, 2]),
        ("new Int8Array([-1, 2])", [-1, 2]),
        ("new BigInt64Array([-1n])", [-1]),
        ("2n ** 64n", 2**64),
        ("9007199254740993n", 9007199254740993),
        ("1e21", 1e21),
        ("-0", -0.0),
        ("Object(1)", 1),
        ("Object('x')", "x"),
        ("Object.create(null, { x: { value: 1, enumerable: true } })", {"x": 1}),
        ("new (class A { x = 1; #y = 2; get z() { return 3 } })()", {"x": 1}),
        ("new (class A { toJSON() { return 'j' } })()", "j"),
        ("({ toJSON: () => [1] })", [1]),
        ("({ [Symbol('s')]: 1, x: 1 })", {"x": 1}),
        ("JSON.parse('{\"__proto__\": 1}')", {"__proto__": 1}),
    ],
)
def test_forms(guest: Guest, expression: str, expected: Any) -> None:
    found = value(guest.call(f"export const main = () => {expression};"))
    assert found == expected
    assert str(found) == str(expected)  # -0.0


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("NaN", "result is NaN"),
        ("({ a: [1, { 'b c': -Infinity }] })", 'result.a[1]["b c"] is -Infinity'),
        ("[() => 1]", "result[0] is a function"),
        ("class A {}", "result is a function"),
        ("Symbol('x')", "result is a symbol"),
        ("new Date(NaN)", "result is an invalid Date"),
        ("[Promise.resolve(1)]", "result[0] is a Promise; await it"),
        ("/x/", "result is a RegExp"),
        ("new Error('x')", "result is an Error (Error)"),
        ("new Map([[1, 2]])", "result is a Map with a key of type number"),
        ("[1].values()", "result is an iterator"),
        ("(function* () {})()", "result is an iterator"),
        ("new WeakMap()", "result is a WeakMap"),
        ("new (class Hidden { #x = 1 })()", "result is of class Hidden and has no properties of its own"),
        ("10n ** 1000n", "result is a whole number of more than 1000 digits"),
        ("(() => { const a = []; a.push({ a }); return a })()", "result[0].a contains itself"),
        ("(() => { let a = 1; for (let i = 0; i < 201; i++) a = [a]; return a })()", "is nested more than 200 levels"),
        ("(() => { let a = 1; for (let i = 0; i < 1e5; i++) a = { a }; return a })()", "…"),
    ],
)
def test_what_has_no_form(guest: Guest, expression: str, message: str) -> None:
    assert message in failed(guest.call(f"export const main = () => ({expression});"), "invalid_result")["message"]


def test_a_value_that_occurs_twice_is_no_cycle(guest: Guest) -> None:
    assert value(guest.call("export const main = () => { const a = [1]; return [a, a] };")) == [[1], [1]]


def test_a_getter_that_throws_is_the_tasks_error(guest: Guest) -> None:
    source = "export const main = () => ({ get x() { throw new RangeError('got') } });"
    assert failed(guest.call(source), "task_error")["class"] == "RangeError"


def test_integers_beyond_2_53_arrive_as_bigint(guest: Guest) -> None:
    source = "export const main = (x) => [typeof x.a, typeof x.b, typeof x.c, x];"
    argument = {"a": 2**60, "b": 2**53 - 1, "c": 1.2345678901234567e30}
    assert value(guest.call(source, argument)) == ["bigint", "number", "number", argument]
    text = 'quote " and \\ and 12345678901234567890'
    assert value(guest.call("export const main = (x) => x;", [text, {text: text}])) == [text, {text: text}]


def test_large_results(guest: Guest) -> None:
    source = "export const main = (n) => 'x'.repeat(n);"
    assert len(value(guest.call(source, 20 * MIB))) == 20 * MIB
    error = failed(guest.call(source, 1001, max_result_bytes=1002), "invalid_result")
    assert "is 1003 bytes of JSON, more than its limit of 1002" in error["message"]
    assert value(guest.call(source, 1000, max_result_bytes=1002)) == "x" * 1000
    umlauts = "export const main = (n) => 'ü'.repeat(n);"
    failed(guest.call(umlauts, 501, max_result_bytes=1002), "invalid_result")


def test_replaced_intrinsics_do_not_change_results(guest: Guest) -> None:
    source = """
    export const main = () => {
      Object.prototype.toJSON = () => "lie"; Array.prototype.toJSON = () => "lie"; String.prototype.toJSON = () => "lie";
      Array.prototype.map = Array.prototype.push = Array.prototype.slice = () => { throw new Error("lie") };
      JSON.stringify = JSON.parse = () => "lie"; Object.keys = () => ["lie"]; Array.isArray = () => false;
      Array.prototype[Symbol.iterator] = () => { throw new Error("lie") };
      return { a: [1, { b: "c" }] };
    };
    """
    assert value(guest.call(source)) == {"a": [1, {"b": "c"}]}


def test_many_quick_calls_in_fresh_sandboxes(guest: Guest) -> None:
    from sandbox import Sandbox

    module = Sandbox(guest, 64 * MIB).compile("export const main = (n) => n + 1;")
    for n in range(500):
        request = {"op": "call", "modules": [module], "task": "main", "args": [n], "kwargs": {}, "env": {}, "tools": []}
        assert Sandbox(guest, 64 * MIB).run(request) == {"ok": n + 1}


def test_ten_thousand_calls_in_one_sandbox(guest: Guest) -> None:
    from sandbox import Sandbox

    sandbox = Sandbox(guest, 64 * MIB)
    module = sandbox.compile("export const main = async (n) => ({ n });")
    request = {"op": "call", "modules": [module], "task": "main", "kwargs": {}, "env": {}, "tools": []}
    for n in range(10_000):
        assert sandbox.run({**request, "args": [n]}) == {"ok": {"n": n}}


def test_json_is_what_json_says(guest: Guest) -> None:
    argument = json.loads(json.dumps({"a": [1, 1.5, "x", None, True, {}], "": [[]], "ü😀": "\u2028"}))
    assert value(guest.call("export const main = (x) => x;", argument)) == argument
