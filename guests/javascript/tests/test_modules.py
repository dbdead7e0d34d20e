"""Which of Node's modules and of the web's globals there are; docs/javascript.md lists them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from component import value
from sandbox import Guest

GUEST = Path(__file__).resolve().parent.parent
DOCS = GUEST.parent.parent / "docs" / "javascript.md"
NAMES = json.loads((GUEST / "src" / "node" / "internal" / "node-names.json").read_text("utf-8"))


def documented(part: str) -> set[str]:
    """The names in code marks of the part of the page that is marked so."""
    text = DOCS.read_text("utf-8")
    begin, end = (f"<!-- {part}: {edge} -->" for edge in ("begin", "end"))
    return set(re.findall(r"`([^`]+)`", text.split(begin)[1].split(end)[0]))


def test_globals_are_those_of_the_documentation(guest: Guest) -> None:
    body = """
        const language = new Set(Object.getOwnPropertyNames(await (async () => globalThis)()));
        return [...language].sort();
    """
    found = set(value(guest.call(f"export async function main() {{{body}}}")))
    language = set(re.findall(r"\w+", LANGUAGE))
    assert found - language == documented("globals")


LANGUAGE = """
    AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date
    DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function Infinity Int16Array
    Int32Array Int8Array Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set
    SharedArrayBuffer String SuppressedError Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array
    Uint8ClampedArray WeakMap WeakRef WeakSet decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval
    globalThis isFinite isNaN parseFloat parseInt undefined unescape InternalError
"""


def test_modules_are_those_of_the_documentation(guest: Guest) -> None:
    body = """
        const { builtinModules, createRequire } = await import("node:module");
        const require = createRequire(import.meta.url);
        const same = builtinModules.filter((name) => require(name) !== require(`node:${name}`));
        return [builtinModules, same];
    """
    found, different = value(guest.call(f"export async function main() {{{body}}}"))
    assert different == []
    available, unavailable = documented("modules"), documented("unavailable")
    assert not available & unavailable
    assert set(found) == available | unavailable


def test_all_modules_can_be_imported(guest: Guest) -> None:
    body = """
        const { builtinModules } = await import("node:module");
        const found = {};
        for (const name of builtinModules) {
          const [plain, named] = [await import(name), await import(`node:${name}`)];
          found[name] = plain.default === named.default ? Object.keys(named).length : 0;
        }
        return found;
    """
    found = value(guest.call(f"export async function main() {{{body}}}"))
    assert [name for name, count in found.items() if count < 2] == []


@pytest.mark.parametrize("name", sorted(NAMES))
def test_exports_have_all_of_nodes_names(name: str, guest: Guest) -> None:
    wanted = sorted({*NAMES[name]["function"], *NAMES[name]["object"], *NAMES[name]["value"]})
    source = f"""
        import * as found from "node:{name}";
        export const main = (names) => names.filter((name) => !(name in found));
    """
    assert value(guest.call(source, wanted)) == []


@pytest.mark.parametrize(
    ("use", "message"),
    [
        ('import http from "http"; export const main = () => http.request("x")', "request() of node:http is not available inside the sandbox; use fetch()"),
        ('import { spawnSync } from "node:child_process"; export const main = () => spawnSync("ls")', "spawnSync() of node:child_process"),
        ('import net from "net"; class Own extends net.Socket {} export const main = () => new Own()', "Socket() of node:net is not available"),
        ('import https from "https"; export const main = () => https.globalAgent.maxSockets', "globalAgent of node:https"),
        ('import { createCipheriv } from "crypto"; export const main = () => createCipheriv()', "createCipheriv() of node:crypto"),
        ('import { Worker } from "node:worker_threads"; export const main = () => new Worker("x")', "call tasks with Promise.all"),
    ],
)  # fmt: skip
def test_what_is_not_there_says_so_when_it_is_used(use: str, message: str, guest: Guest) -> None:
    error = guest.call(use)["error"]
    assert message in error["message"]
    assert (error["type"], error["class"]) == ("task_error", "Error")


def test_data_of_modules_that_are_not_there(guest: Guest) -> None:
    source = """
        import { isMainThread, parentPort } from "node:worker_threads";
        import { STATUS_CODES, METHODS } from "http";
        import { isIP } from "net";
        export const main = () => [isMainThread, parentPort, STATUS_CODES[404], METHODS.includes("GET"), isIP("::1")];
    """
    assert value(guest.call(source)) == [True, None, "Not Found", True, 6]


def test_a_missing_module_says_how_to_bundle_it(guest: Guest) -> None:
    source = """
        import { createRequire } from "node:module";
        export function main() {
          try { createRequire("/x")("left-pad"); } catch (error) { return [error.code, error.message]; }
        }
    """
    code, message = value(guest.call(source))
    assert code == "MODULE_NOT_FOUND"
    assert "bundled" in message


def test_process(guest: Guest) -> None:
    source = """
        import process from "node:process";
        import os from "node:os";
        export async function main() {
          const events = [];
          process.on("exit", () => events.push("exit"));
          await new Promise((resolve) => process.nextTick(resolve));
          process.stdout.write("out\\n");
          process.stderr.write(Buffer.from("err\\n"));
          return [process === globalThis.process, process.env, process.cwd(), process.platform, process.version.split(".")[0],
                  process.argv.length, typeof process.hrtime.bigint(), process.hrtime([0, 0]).length, process.listenerCount("exit"),
                  process.uptime() >= 0, process.memoryUsage().rss > 0, os.EOL, os.tmpdir(), os.cpus(), process.exitCode ?? null];
        }
    """
    found = value(guest.call(source, env={"KEY": "v"}))
    expected = [True, {"KEY": "v"}, "/", "wasi", "v20", 2, "bigint", 2, 1, True, True, "\n", "/tmp", [], None]
    assert found == expected
    assert b"".join(guest.sandbox.stdout) == b"out\n"
    assert b"".join(guest.sandbox.stderr) == b"err\n"


def test_nothing_of_one_sandbox_is_in_the_next(guest: Guest) -> None:
    first: Any = guest.call(
        "export const main = () => { process.env.X = '1'; Array.prototype.map = 1; return crypto.randomUUID(); }"
    )
    second: Any = guest.call("export const main = () => [process.env.X ?? null, typeof [].map, crypto.randomUUID()]")
    environment, kind, identity = value(second)
    assert (environment, kind) == (None, "function")
    assert identity != value(first)
