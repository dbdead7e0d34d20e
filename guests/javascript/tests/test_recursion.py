"""Recursion of every kind ends in an error that the program can catch."""

from __future__ import annotations

import pytest

from component import failed, value
from sandbox import Guest

FORMS = {
    "plain": "function f(n) { return f(n + 1) + 1 } return f(0)",
    "many parameters": "function f(a, b, c, d, e, g, h) { return f(a, b, c, d, e, g, h) + 1 } return f(1, 2, 3, 4, 5, 6, 7)",
    "arguments that grow": "function f(...a) { return f(...a, 1) } return f()",
    "async": "async function f() { return await f() } return f()",
    "generator": "function* g() { yield* g() } return [...g()]",
    "constructor": "class A { constructor() { new A() } } new A()",
    "getter": "const o = { get x() { return this.x } }; return o.x",
    "setter": "const o = { set x(v) { this.x = v } }; o.x = 1",
    "super": "class A { get x() { return new B().x } } class B extends A { get x() { return super.x } } return new B().x",
    "proxy": "let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); return p.x",
    "trap of a proxy": "const p = new Proxy({}, { get(t, k, r) { return r[k] } }); return p.x",
    "conversion": "const o = { toString() { return '' + this } }; return '' + o",
    "arrays to text": "let b = []; for (let i = 0; i < 1e5; i++) b = [b]; return String(b).length",
    "flat": "let b = [1]; for (let i = 0; i < 1e5; i++) b = [b]; return b.flat(Infinity).length",
    "callback of map": "function f() { return [1].map(f) } return f()",
    "callback of sort": "function f() { return [1, 2].sort(f) } return f()",
    "callback of replace": "function f() { return 'a'.replace(/a/, f) } return f()",
    "reviver": "function f() { return JSON.parse('1', f) } return f()",
    "toJSON": "const o = { toJSON() { return JSON.stringify(this) } }; return JSON.stringify(o)",
    "JSON.stringify": "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return JSON.stringify(a)",
    "JSON.parse": "return JSON.parse('['.repeat(1e5) + ']'.repeat(1e5))",
    "JSON.parse of objects": "return JSON.parse('{\"a\":'.repeat(1e5) + '1' + '}'.repeat(1e5))",
    "iterator": "const o = { [Symbol.iterator]() { return [...this] } }; return [...o]",
    "instanceof": "const o = { [Symbol.hasInstance]() { return 1 instanceof o } }; return 1 instanceof o",
    "destructuring": "function f([a]) { return f([a]) } return f([1])",
    "template": "function f(s) { return f`x${s}` } return f``",
    "apply": "function f() { return Reflect.apply(f, null, []) } return f()",
    "eval": "globalThis.f = function () { return eval('f()') }; return f()",
    "Function": "globalThis.f = new Function('return f()'); return f()",
    "parentheses": "return eval('('.repeat(1e5) + '1' + ')'.repeat(1e5))",
    "array literals": "return eval('['.repeat(1e5) + ']'.repeat(1e5))",
    "blocks": "return eval('{'.repeat(1e5) + '}'.repeat(1e5))",
    "template literals": "return eval('`${'.repeat(5e4) + '1' + '}`'.repeat(5e4))",
    "unary operators": "return eval('!'.repeat(1e5) + '1')",
    "ternaries": "return eval('1?1:'.repeat(1e5) + '1')",
    "powers": "return eval('1' + '**1'.repeat(1e5))",
    "arrow functions": "return eval('a=>'.repeat(5e4) + '1')",
    "classes": "return eval('(class{x='.repeat(2e4) + '1' + '})'.repeat(2e4))",
}


@pytest.mark.parametrize("form", FORMS)
def test_deep_recursion(guest: Guest, form: str) -> None:
    error = failed(guest.call(f"export function main() {{ {FORMS[form]} }}"), "stack_overflow")
    assert (error["class"], error["message"]) == ("RangeError", "Maximum call stack size exceeded")


@pytest.mark.parametrize("form", FORMS)
def test_it_can_be_caught(guest: Guest, form: str) -> None:
    source = f"""
    const run = async () => {{ {FORMS[form]} }};
    export async function main() {{
      try {{ await run() }} catch (e) {{ return [e instanceof RangeError, [1].map((x) => x + 1)] }}
    }}
    """
    assert value(guest.call(source)) == [True, [2]]


def test_how_deep_it_goes(guest: Guest) -> None:
    source = "export function main() { let n = 0; const f = () => { n++; f() }; try { f() } catch { return n } }"
    assert value(guest.call(source)) > 1500


@pytest.mark.parametrize(
    "statement",
    [
        "let o = null; for (let i = 0; i < 3e5; i++) o = { o }; o = null",
        "let p = Promise.resolve(); for (let i = 0; i < 1e5; i++) p = p.then(() => 1); await p",
        "let s = ''; for (let i = 0; i < 2e5; i++) s = i + s; s.charCodeAt(5)",
        "let o = {}; for (let i = 0; i < 1e5; i++) o = Object.create(o); o.x",
        "/^(a?)*$/.test('a'.repeat(5e5))",
        "eval('1' + '+1'.repeat(2e5))",
    ],
)
def test_depth_without_recursion_is_fine(guest: Guest, statement: str) -> None:
    assert value(guest.call(f"export async function main() {{ {statement}; return 1 }}")) == 1


@pytest.mark.parametrize("group", ["(?:", "(?=", "("])
def test_nested_patterns(guest: Guest, group: str) -> None:
    source = f"export const main = () => new RegExp('{group}'.repeat(1e5) + ')'.repeat(1e5)).test('');"
    assert failed(guest.call(source), "task_error")["class"] == "SyntaxError"
