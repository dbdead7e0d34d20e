from __future__ import annotations

import pytest
from wasmtime import WasmtimeError

from component import value
from sandbox import MIB, Guest, Sandbox

GREEDY = {
    "objects": "const a = []; for (;;) a.push({ a })",
    "strings": "const a = []; for (;;) a.push('x'.repeat(1e5) + a.length)",
    "one string": "let s = 'x'; for (;;) s += s + s.length",
    "typed arrays": "const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1))",
    "one typed array": "return new Uint8Array(2 ** 31 - 1).fill(1).length",
    "array buffer": "return new ArrayBuffer(1e9).byteLength",
    "closures": "const a = []; for (;;) a.push(() => a)",
    "map": "const m = new Map(); for (let i = 0; ; i++) m.set(i, i)",
    "numbers": "const a = []; for (;;) a.push(a.length)",
    "big integers": "let n = 3n; for (;;) n *= n",
    "promises": "const a = []; for (;;) a.push(new Promise(() => {}))",
    "repeat": "return 'xyz'.repeat(2 ** 28).length",
    "join": "return Array(1e8).join('abc').length",
    "pattern": "return /(?:a|b)*c/.test('ab'.repeat(4e7))",
}


@pytest.mark.parametrize("form", GREEDY)
def test_memory_ends_with_its_own_error(guest: Guest, form: str) -> None:
    reply = guest.call(f"export function main() {{ {GREEDY[form]} }}", ram=64 * MIB)
    if reply["error"]["type"] != "out_of_memory":  # beyond what a string or number of the language may be
        assert reply["error"]["class"] in ("RangeError", "InternalError"), reply


@pytest.mark.parametrize("form", ["objects", "strings", "typed arrays", "map", "promises"])
def test_a_program_that_catches_it_goes_on(guest: Guest, form: str) -> None:
    source = f"""
    function greedy() {{ {GREEDY[form]} }}
    export function main() {{ try {{ greedy() }} catch (e) {{ return e === null || e.message }} }}
    """
    # where there is no room left for the message either, the engine has one that takes none
    assert value(guest.call(source, ram=64 * MIB)) in ("out of memory", "Invalid error message", True)


def test_a_request_that_does_not_fit(guest: Guest) -> None:
    source = "export const main = (x) => x.length;"
    with pytest.raises(WasmtimeError):
        guest.call(source, "x" * (40 * MIB), ram=32 * MIB)
    assert value(guest.call(source, "x" * (10 * MIB), ram=64 * MIB)) == 10 * MIB


@pytest.mark.parametrize(
    "statement",
    [
        "for (;;) {}",
        "return /^(a+)+$/.test('a'.repeat(50) + 'b')",
        "return new Promise(() => { const f = () => queueMicrotask(f); f() })",
        "const f = async () => { for (;;) await null }; return f()",
        "return new Promise(() => { const f = () => Promise.resolve().then(f); f() })",
        "return [].concat(Array(2 ** 32 - 1)).sort().length",
        "while (true) try { while (true) {} } catch {} finally { continue }",
    ],
)
def test_fuel_ends_whatever_computes(guest: Guest, statement: str) -> None:
    sandbox = Sandbox(guest, 64 * MIB)
    module = sandbox.compile(f"export function main() {{ {statement} }}")
    request = {"op": "call", "modules": [module], "task": "main", "args": [], "kwargs": {}, "env": {}, "tools": []}
    sandbox._store.set_fuel(10**9)
    with pytest.raises(WasmtimeError, match="all fuel consumed"):
        sandbox.run(request)
