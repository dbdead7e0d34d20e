from __future__ import annotations

from pathlib import Path

import pytest

from bundling import request
from component import failed, value
from sandbox import MIB, Guest, Sandbox


def test_an_error_has_the_users_file_and_line(guest: Guest, tmp_path: Path) -> None:
    helper = (
        "interface X { a: string }\n\nexport function fail(x: X): never {\n  throw new RangeError(`bad ${x.a}`);\n}\n"
    )
    main = (
        'import { fail } from "./helper";\n\ntype T = number;\nexport async function main() {\n  fail({ a: "b" });\n}\n'
    )
    error = failed(request(guest, tmp_path, "call", main=main, helper=helper), "task_error")
    assert (error["class"], error["message"]) == ("RangeError", "bad b")
    places = [line.rsplit(":", 1)[0] for line in error["traceback"].split("\n")[1:]]
    assert places == ["    at fail (helper.ts:4", "    at main (main.ts:5"]


def test_a_top_level_error_has_its_place(guest: Guest, tmp_path: Path) -> None:
    main = 'interface A {}\nconst x: A = {};\nthrow new TypeError("top");\n'
    error = failed(request(guest, tmp_path, "describe", main=main), "source_error")
    assert error["message"] == "main.ts:3: TypeError: top"
    assert (error["file"], error["line"], error["class"]) == ("main.ts", 3, "TypeError")


def test_a_map_that_is_none_is_done_without(guest: Guest) -> None:
    for text in ("", "{", '{"version": 3}', '{"version": 3, "sources": [], "names": [], "mappings": "!!!!"}'):
        guest.modules["main.map"] = {"name": "main.map", "file": "main.ts", "package": False, "code": text}
        error = failed(guest.call("export const main = () => { throw new Error('x') };"), "task_error")
        assert error["traceback"].startswith("Error: x\n    at main (main.ts:1:")


def test_causes_and_aggregates_are_shown(guest: Guest) -> None:
    source = """export function main() {
  const inner = new AggregateError([new Error("one"), "two"], "both");
  throw new Error("outer", { cause: inner });
}"""
    text = failed(guest.call(source), "task_error")["traceback"]
    lines = [line for line in text.split("\n") if "at main" not in line]
    assert lines == ["Error: outer", "caused by: AggregateError: both", "  [0] Error: one", '  [1] Uncaught "two"']
    cycle = "export function main() { const e = new Error('x'); e.cause = e; throw e }"
    assert failed(guest.call(cycle), "task_error")["message"] == "x"


@pytest.mark.parametrize(
    ("thrown", "message", "kind"),
    [
        ("'text'", 'Uncaught "text"', None),
        ("null", "Uncaught null", None),
        ("undefined", "Uncaught undefined", None),
        ("{ a: 1 }", "Uncaught [object Object]", None),
        ("Symbol('x')", "Uncaught Symbol(x)", None),
        ("new (class Own extends Error {})('m')", "m", "Own"),
        ("new Error('')", "Error", "Error"),
        ("Object.assign(new Error('m'), { name: 'Custom' })", "m", "Error"),
        ("new Error('\\ud800')", "\ufffd", "Error"),
    ],
)
def test_whatever_is_thrown(guest: Guest, thrown: str, message: str, kind: str | None) -> None:
    error = failed(guest.call(f"export const main = () => {{ throw ({thrown}) }};"), "task_error")
    assert (error["message"], error["class"]) == (message, kind)
    rejected = failed(guest.call(f"export const main = async () => {{ throw ({thrown}) }};"), "task_error")
    assert (rejected["message"], rejected["class"]) == (message, kind)


@pytest.mark.parametrize(
    "thrown",
    [
        "{ get message() { throw 1 }, __proto__: Error.prototype }",
        "new Proxy(new Error('x'), { get() { throw 1 }, getPrototypeOf() { throw 1 } })",
        "{ toString() { throw 1 } }",
        "{ __proto__: null }",
    ],
)
def test_hostile_errors(guest: Guest, thrown: str) -> None:
    error = failed(guest.call(f"export const main = () => {{ throw ({thrown}) }};"), "task_error")
    assert error["message"] == "it threw something that could not be described"


def test_long_messages_are_cut(guest: Guest) -> None:
    error = failed(guest.call("export const main = () => { throw new Error('x'.repeat(1e6)) };"), "task_error")
    assert len(error["message"]) < 70_000
    assert error["message"].endswith("more characters)")
    assert len(error["traceback"]) < 150_000


def test_syntax_errors(guest: Guest) -> None:
    error = guest.call("const a = 1;\n  const b = = 2;")["error"]
    assert error["type"] == "source_error"
    assert (error["class"], error["file"], error["line"], error["column"]) == ("SyntaxError", "main.ts", 2, 13)
    assert error["message"].startswith("main.ts:2:13: ")
    assert error["message"].endswith("\n    const b = = 2;\n              ^")


def test_an_import_of_what_is_not_there(guest: Guest) -> None:
    error = guest.call('import x from "left-pad";')["error"]
    assert error["type"] == "source_error"
    assert "cannot import 'left-pad'" in error["message"]
    source = "export const main = async () => (await import('left-pad')).default;"
    assert "cannot import 'left-pad'" in failed(guest.call(source), "task_error")["message"]
    missing = guest.call('import { nothing } from "@capsule/sdk"; export const main = nothing;')
    assert "nothing" in missing["error"]["message"]
    assert missing["error"]["type"] == "source_error"


def test_a_promise_that_can_never_settle(guest: Guest) -> None:
    error = failed(guest.call("export const main = () => new Promise(() => {});"), "task_error")
    assert error["message"] == "the task's promise can never settle: it waits for nothing that could happen"
    unref = "export const main = () => new Promise((r) => setTimeout(r, 1e6).unref());"
    assert "can never settle" in failed(guest.call(unref), "task_error")["message"]


def test_rejections_that_nobody_handles(guest: Guest) -> None:
    source = "export const main = () => { Promise.reject(new RangeError('lost')); return 1 };"
    error = failed(guest.call(source), "task_error")
    assert (error["class"], error["message"]) == ("RangeError", "lost")
    handled = "export const main = () => { const p = Promise.reject(1); p.catch(() => {}); return 1 };"
    assert value(guest.call(handled)) == 1
    callback = "export const main = () => new Promise(() => setTimeout(() => { throw new RangeError('late') }, 1));"
    assert failed(guest.call(callback), "task_error")["class"] == "RangeError"
    microtask = "export const main = () => new Promise(() => queueMicrotask(() => { throw new RangeError('m') }));"
    assert failed(guest.call(microtask), "task_error")["class"] == "RangeError"


def test_exit_ends_the_task_whatever_it_catches(guest: Guest) -> None:
    source = """
    export const main = async () => {
      try { try { process.exit(3) } catch { console.log("caught") } finally { console.log("finally") } }
      finally { await null; console.log("later") }
    };
    """
    error = failed(guest.call(source), "exit")
    assert error["message"] == "the task called process.exit(3)"
    assert guest.sandbox.stdout == []
    later = "export const main = () => new Promise(() => setTimeout(() => process.exit(), 1));"
    assert failed(guest.call(later), "exit")["message"] == "the task called process.exit(0)"
    top = failed(guest.call("process.exit(1)"), "source_error")
    assert "the top level of the program called process.exit(1)" in top["message"]


def test_nothing_of_the_runtime_is_in_a_stack(guest: Guest) -> None:
    source = """export async function main() {
  const stacks = [new Error("x").stack];
  try { JSON.parse("{") } catch (e) { stacks.push(e.stack) }
  await new Promise((resolve) => setTimeout(() => { stacks.push(new Error("timer").stack); resolve() }, 1));
  return stacks;
}"""
    stacks = value(guest.call(source))
    assert stacks[0].startswith("Error: x\n    at main (main.ts:2:")
    assert "capsule:" not in "".join(stacks)
    assert all(not stack.endswith("\n") for stack in stacks)


@pytest.mark.parametrize(
    "request_text",
    [
        "",
        "{",
        "null",
        "[]",
        "5",
        '"call"',
        "{}",
        '{"op": "nope"}',
        '{"op": ["ping"]}',
        '{"op": "call"}',
        '{"op": "call", "modules": []}',
        '{"op": "call", "modules": {}}',
        '{"op": "call", "modules": [null], "task": "main"}',
        '{"op": "call", "modules": [{"name": 1, "file": 2, "code": 3}], "task": "main"}',
        '{"op": "call", "modules": [{"name": "m", "file": "m", "code": ""}], "task": 5}',
        '{"op": "call", "modules": [{"name": "m", "file": "m", "code": ""}], "task": "main", "args": {}}',
        '{"op": "call", "modules": [{"name": "m", "file": "m", "code": ""}], "task": "main", "kwargs": []}',
        '{"op": "call", "modules": [{"name": "m", "file": "m", "code": ""}], "task": "main"}',
        '{"op": "describe", "modules": [{"name": "m", "file": "m", "code": "AAAA"}]}',
        '{"op": "describe", "modules": [{"name": "m", "file": "m", "code": "not base64"}]}',
        '{"op": "describe", "modules": [{"name": "m", "file": "m", "code": "\\ud800AA="}]}',
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"op":' * 50_000,
        "\u0000" * 10,
        "9" * 100_000,
    ],
)
def test_hostile_requests(guest: Guest, request_text: str) -> None:
    import json

    sandbox = Sandbox(guest, 64 * MIB)
    for name in ("run", "compile"):
        result = sandbox._export(name)(sandbox._store, request_text)
        text = result if isinstance(result, str) else result.payload
        reply = json.loads(text)
        error = reply.get("error", reply)
        assert error["type"] in ("internal", "source_error"), reply
    assert sandbox.run({"op": "ping"}) == {"ok": "pong"}


def test_bytecode_that_was_cut_or_changed_is_refused_or_fails(guest: Guest) -> None:
    """Only the sidecar chooses bytecode; what was damaged must not look like a result."""
    sandbox = Sandbox(guest, 64 * MIB)
    module = sandbox.compile("export const main = () => 'honest';")
    code = module["code"]
    for damaged in (code[: len(code) // 8 * 4], code[4:], code[:-4], "AAAA" + code):
        fields = {"op": "call", "modules": [{**module, "code": damaged}], "task": "main"}
        reply = Sandbox(guest, 64 * MIB).run({**fields, "args": [], "kwargs": {}, "env": {}, "tools": []})
        assert reply.get("ok") is None, reply
        assert "error" in reply
