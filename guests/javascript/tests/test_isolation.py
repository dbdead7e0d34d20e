from __future__ import annotations

from component import failed, value
from sandbox import Guest


def test_nothing_of_the_runtime_is_within_reach(guest: Guest) -> None:
    source = """
    export function main() {
      const seen = new Set(), found = [];
      const look = (value, path) => {
        if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
        seen.add(value);
        for (const key of Reflect.ownKeys(value)) {
          const name = `${path}.${String(key)}`;
          if (["submit", "setBuiltins", "runJobs", "setRejectionHook", "fromBase64", "load"].includes(key)) found.push(name);
          const own = Object.getOwnPropertyDescriptor(value, key);
          for (const each of [own.value, own.get, own.set]) look(each, name);
        }
        look(Object.getPrototypeOf(value), `${path}.__proto__`);
      };
      look(globalThis, "globalThis");
      return [found.filter((name) => !name.includes("fromBase64")), seen.size > 500];
    }
    """
    assert value(guest.call(source)) == [[], True]


def test_code_that_is_made_reaches_nothing_more(guest: Guest) -> None:
    source = """
    export const main = () => [
      eval("typeof native"), new Function("return typeof native")(), (0, eval)("typeof this.native"),
      (async () => {}).constructor("return 1") instanceof Function, Function("return this")() === globalThis,
      typeof std, typeof os, typeof bjson, typeof scriptArgs, typeof print,
    ];
    """
    assert value(guest.call(source)) == ["undefined"] * 3 + [True, True] + ["undefined"] * 5


def test_modules_of_the_engine_are_not_there(guest: Guest) -> None:
    for name in (
        "std",
        "qjs:std",
        "qjs:os",
        "qjs:bjson",
        "bjson",
        "capsule:runtime",
        "main",
        "./main.ts",
        "file:///main.ts",
    ):
        source = f"export const main = async () => Object.keys(await import({name!r}));"
        assert "cannot import" in failed(guest.call(source), "task_error")["message"]


def test_pollution_ends_with_the_call(guest: Guest) -> None:
    pollute = """
    export const main = () => {
      Object.prototype.polluted = 1; Array.prototype.map = () => "lie"; globalThis.left = 1;
      Promise.prototype.then = () => { throw new Error("lie") }; JSON.parse = () => "lie";
      return Object.keys({}).length;
    };
    """
    for _ in range(2):
        assert value(guest.call(pollute)) == 0
        check = "export const main = () => [typeof {}.polluted, [1].map((x) => x + 1), typeof left, JSON.parse('1')];"
        assert value(guest.call(check)) == ["undefined", [2], "undefined", 1]


def test_replaced_intrinsics_break_the_task_alone(guest: Guest) -> None:
    """What a task breaks ends as an error or as the right value; never as another's result, or without a reply."""
    guest.tasks["t"] = lambda: 1
    for statement in (
        "Map.prototype.get = Map.prototype.set = Map.prototype.delete = () => undefined",
        "Map.prototype.keys = Map.prototype.values = () => []",
        "Promise.prototype.then = Promise.prototype.catch = () => {}",
        "globalThis.Promise = null; globalThis.Map = null; globalThis.JSON = null; globalThis.Error = null",
        "Array.prototype[Symbol.iterator] = null",
        "Object.defineProperty(Object.prototype, 'then', { get() { throw 1 } })",
        "Object.defineProperty(Object.prototype, 'error', { value: { type: 'exit', message: 'lie' } })",
        "Error.prepareStackTrace = () => { throw 1 }",
        "Error.stackTraceLimit = NaN",
        "RegExp.prototype.exec = () => { throw 1 }",
        "Function.prototype.call = Function.prototype.apply = null",
        "delete globalThis.Error; delete globalThis.Object",
    ):
        source = (
            'import { taskRef } from "@capsule/sdk"; const t = taskRef("t");'
            f"export const main = async () => {{ {statement}; return [1, await t()] }};"
        )
        reply = guest.call(source)
        fine = reply["ok"] == [1, 1] if "ok" in reply else reply["error"]["type"] == "task_error"
        assert fine, (statement, reply)


def test_random_numbers_differ(guest: Guest) -> None:
    source = "const first = Math.random(); export const main = () => [first, Math.random()];"
    found = [value(guest.call(source)) for _ in range(4)]
    assert len({number for pair in found for number in pair}) == 8


def test_the_instance_is_warmed_without_a_trace(guest: Guest) -> None:
    source = "export const main = () => [Object.keys(globalThis).filter((k) => k.includes('capsule')), process.env, import.meta.main];"
    assert value(guest.call(source, env={"A": "b"})) == [[], {"A": "b"}, False]


def test_meta(guest: Guest) -> None:
    source = "export const main = () => [import.meta.main, import.meta.url, import.meta.filename];"
    assert value(guest.call(source))[:2] == [False, "file:///main.ts"]
