from __future__ import annotations

import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
from wasmtime import WasmtimeError

from component_sandbox import GUEST, MIB, Guest, Sandbox, component, guest

__all__ = ["component", "guest"]  # fixtures: only these tests need Wasmtime


def value(reply: Any) -> Any:
    assert "ok" in reply, reply
    return reply["ok"]


def failed(reply: Any, kind: str) -> dict[str, Any]:
    error: dict[str, Any] = reply["error"]
    assert error["type"] == kind, error
    return error


def test_a_task_runs_in_a_fresh_sandbox(guest: Guest) -> None:
    source = "count = 0\ndef main(x):\n    global count\n    count += 1\n    return {'x': x, 'count': count}"
    for _ in range(2):
        assert value(guest.call(source, [1, "ü", None])) == {"x": [1, "ü", None], "count": 1}


def test_nothing_of_the_build_machine_is_inside(guest: Guest) -> None:
    source = "import os, sys\ndef main(): return [dict(os.environ), sys.path, sys.argv]"
    assert value(guest.call(source)) == [{}, [], ["main.py"]]
    names = ["HOME", "PATH", "USER", "TMPDIR", "PYTHONPATH"]
    source = f"import os\ndef main(): return [os.getenv(name) for name in {names}] + [os.path.expanduser('~')]"
    assert value(guest.call(source)) == [None] * len(names) + ["~"]
    source = "import os\ndef main(): return dict(os.environ)"
    assert value(guest.call(source, env={"A": "b"})) == {"A": "b"}
    listed = guest.call("import os\ndef main(): return os.listdir('/')")
    assert failed(listed, "task_error")["class"] in ("FileNotFoundError", "OSError", "PermissionError")


def test_output_streams_by_lines_and_survives_to_the_end(guest: Guest) -> None:
    guest.tasks["add"] = lambda a: a
    source = """
import logging, os, sys
from capsule import task

@task
def add(a): ...

def show():
    print("one", 1)
    print("partial", end="")
    add(1)
    print("\\udc80 ü", file=sys.stderr)
    logging.warning("logged")
    print("last", end="")

@task
def main():
    show()
"""
    assert value(guest.call(source)) is None
    assert guest.seen_at_wait == [b"one 1\npartial"]
    assert guest.sandbox.stdout == [b"one 1\n", b"partial", b"last"]
    assert b"".join(guest.sandbox.stderr).decode() == "\\udc80 ü\nWARNING:root:logged\n"


def test_output_of_a_failing_task_is_not_lost(guest: Guest) -> None:
    failed(guest.call("def main():\n    print('x', end='')\n    1 / 0"), "task_error")
    assert guest.sandbox.stdout == [b"x"]


def test_many_lines_cross_together_and_none_is_lost(guest: Guest) -> None:
    source = "def main():\n    for n in range(20_000): print('line', n)\n    print('end', end='')"
    assert value(guest.call(source)) is None
    assert b"".join(guest.sandbox.stdout) == b"".join(b"line %d\n" % n for n in range(20_000)) + b"end"
    assert guest.sandbox.stdout[:2] == [b"line 0\n", b"line 1\n"]
    assert len(guest.sandbox.stdout) < 10_000


def test_a_closed_or_replaced_stdout_harms_nobody(guest: Guest) -> None:
    assert value(guest.call("import sys\ndef main():\n    sys.stdout.close()\n    return 1")) == 1
    assert value(guest.call("import sys\ndef main():\n    sys.stdout = None\n    print('x')\n    return 1")) == 1
    assert value(guest.call("import sys\ndef main():\n    sys.modules.clear()\n    return 1")) == 1


def test_input_is_empty(guest: Guest) -> None:
    assert failed(guest.call("def main(): input()"), "task_error")["class"] == "EOFError"


def test_mounts_that_are_bound_after_the_ping(guest: Guest, tmp_path: Path) -> None:
    (tmp_path / "ro").mkdir()
    (tmp_path / "rw").mkdir()
    (tmp_path / "ro" / "in.txt").write_text("text")
    guest.mounts = [(tmp_path / "ro", "/ro", False), (tmp_path / "rw", "/rw", True)]
    source = """
from pathlib import Path
def main():
    Path("/rw/out.txt").write_text(Path("/ro/in.txt").read_text().upper())
    try:
        Path("/ro/out.txt").write_text("x")
    except OSError as error:
        return type(error).__name__
"""
    assert value(guest.call(source)) in ("PermissionError", "OSError")
    assert (tmp_path / "rw" / "out.txt").read_text() == "TEXT"
    assert not (tmp_path / "ro" / "out.txt").exists()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import threading\ndef main(): threading.Thread(target=print).start()", "threads are not available"),
        ("import _thread\ndef main(): _thread.start_new_thread(print, ())", "threads are not available"),
        ("import subprocess\ndef main(): subprocess.run(['ls'])", "processes are not available"),
        ("import os\ndef main(): os.system('ls')", "processes are not available"),
        ("import os\ndef main(): os.fork()", "processes are not available"),
        ("import multiprocessing as m\ndef main(): m.Process(target=print).start()", "processes are not available"),
        ("import multiprocessing as m\ndef main(): m.Pool(2)", "processes are not available"),
        (
            "from concurrent.futures import ProcessPoolExecutor\ndef main(): ProcessPoolExecutor()",
            "processes are not available",
        ),
        ("import asyncio\nasync def main(): await asyncio.create_subprocess_exec('ls')", "processes are not available"),
        ("import signal\ndef main(): signal.alarm(1)", "signals are not available"),
        ("import threading\ndef main():\n    l = threading.Lock()\n    l.acquire()\n    l.acquire()", "wait for ever"),
        ("import queue\ndef main(): queue.Queue().get()", "wait for ever"),
        ("import queue\ndef main(): queue.SimpleQueue().get()", "wait for ever"),
        ("import numpy as np\ndef main(): np.array([1])", "numpy (imported at main.py:1) is not available"),
    ],
)
def test_what_is_not_available_says_so(guest: Guest, source: str, message: str) -> None:
    error = failed(guest.call(source), "task_error")
    assert message in error["message"]
    assert 'File "main.py", line ' in error["traceback"]
    assert "/python" not in error["traceback"]


def test_waits_with_a_limit_end(guest: Guest) -> None:
    source = """
import queue, select, threading, time
def main():
    start = time.monotonic()
    time.sleep(0.01)
    lock = threading.Lock(); lock.acquire()
    found = [lock.acquire(timeout=0.01), threading.Event().wait(0.01), select.select([], [], [], 0.01)]
    try:
        queue.Queue().get(timeout=0.01)
    except queue.Empty:
        found.append("empty")
    return [found, time.monotonic() - start >= 0.05]
"""
    assert value(guest.call(source)) == [[False, False, [[], [], []], "empty"], True]


def test_asyncio_in_all_its_forms(guest: Guest) -> None:
    guest.tasks["add"] = lambda a: a + 1
    source = """
import asyncio
from concurrent.futures import ThreadPoolExecutor
from capsule import task

@task
def add(a): ...

async def work():
    async with asyncio.TaskGroup() as group:
        one, two = group.create_task(add(1)), group.create_task(add(2))
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(60)
    except TimeoutError:
        late = "late"
    return [one.result(), two.result(), await add.map([5, 6]), late, await asyncio.to_thread(sum, [1, 2])]

@task
def main():
    with ThreadPoolExecutor(4) as pool:
        doubled = list(pool.map(lambda x: 2 * x, [1, 2]))
    return [asyncio.run(work()), add(10), doubled]
"""
    assert value(guest.call(source)) == [[2, 3, [6, 7], "late", 3], 11, [2, 4]]


def test_a_deadlock_is_an_error(guest: Guest) -> None:
    error = failed(guest.call("import asyncio\nasync def main():\n    await asyncio.Event().wait()"), "task_error")
    assert "nothing left to wait for" in error["message"]
    assert "main.py:3 in main" in error["message"]


def test_memory_runs_out_cleanly(guest: Guest) -> None:
    for source in (
        "def main():\n    kept = []\n    while True: kept.append(bytearray(1 << 20))",
        "def main():\n    kept = []\n    while True: kept.append([1, 2, 3])",
        "kept = {}\ndef main():\n    while True: kept[len(kept)] = str(len(kept))",
        "def main(): return 'x' * (1 << 29)",
    ):
        error = failed(guest.call(source, ram=96 * MIB), "out_of_memory")
        assert error["class"] == "MemoryError"


def test_recursion_is_a_stack_overflow(guest: Guest) -> None:
    source = "import sys\nsys.setrecursionlimit({limit})\ndef f(n): return f(n + 1) + 1\ndef main(): f(0)"
    error = failed(guest.call(source.format(limit=1000)), "stack_overflow")
    assert "def f(n): return f(n + 1) + 1" in error["traceback"]
    failed(guest.call(source.format(limit=10**6), ram=512 * MIB), "stack_overflow")


def test_an_endless_c_recursion_traps_and_is_the_hosts_to_name(guest: Guest) -> None:
    source = "import json\ndef main():\n    x = []\n    for _ in range(100_000): x = [x]\n    json.dumps(x)"
    with pytest.raises(WasmtimeError, match="call stack exhausted"):
        guest.call(source)


def test_random_numbers_differ_from_sandbox_to_sandbox(guest: Guest) -> None:
    source = """
import random, secrets, tempfile, uuid
def main():
    name = next(tempfile._get_candidate_names())
    return [random.random(), random.Random().random(), str(uuid.uuid4()), str(uuid.uuid1()), secrets.token_hex(), name]
"""
    first, second = value(guest.call(source)), value(guest.call(source))
    assert len(first) == 6
    for one, other in zip(first, second):
        assert one != other


def test_the_clock_is_right(guest: Guest) -> None:
    before = time.time()
    told = value(
        guest.call("import time, datetime\ndef main(): return [time.time(), datetime.datetime.now().timestamp()]")
    )
    assert all(before - 1 <= each <= time.time() + 1 for each in told)


def test_time_zones_are_there(guest: Guest) -> None:
    source = """
import datetime, zoneinfo
def main(name):
    there = datetime.datetime(2026, 7, 1, 12, tzinfo=datetime.timezone.utc).astimezone(zoneinfo.ZoneInfo(name))
    return [there.isoformat(), len(zoneinfo.available_timezones()) > 400]
"""
    assert value(guest.call(source, "Europe/Paris")) == ["2026-07-01T14:00:00+02:00", True]
    assert "No time zone found with key Mars/X" in failed(guest.call(source, "Mars/X"), "task_error")["message"]


def test_the_usual_standard_library_works(guest: Guest) -> None:
    source = """
import csv, dataclasses, decimal, hashlib, http.cookiejar, io, re, sqlite3, statistics, zlib
import xml.etree.ElementTree as xml
import concurrent.futures.thread, email.mime.text, logging.handlers, unittest.mock, urllib.parse, zipfile
def main():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a.txt", "x" * 100)
    return [
        sqlite3.connect(":memory:").execute("select 1 + 1").fetchone()[0],
        hashlib.sha256(b"x").hexdigest()[:8],
        str(decimal.Decimal("0.1") + decimal.Decimal("0.2")),
        next(csv.reader(["a,'b'"])),
        xml.fromstring("<a><b>1</b></a>").findtext("b"),
        zlib.decompress(zlib.compress(b"x")).decode(),
        len(zipfile.ZipFile(archive).read("a.txt")),
        "é".encode("cp1252").hex(),
    ]
"""
    assert value(guest.call(source)) == [2, "2d711642", "0.3", ["a", "'b'"], "1", "x", 100, "e9"]


def test_a_large_result(guest: Guest) -> None:
    rows = value(guest.call("def main(): return [{'id': n, 'name': 'x' * 80} for n in range(200_000)]"))
    assert (len(rows), rows[-1]["id"]) == (200_000, 199_999)
    assert len(value(guest.call("def main(): return 'ü' * (10 << 20)"))) == 10 << 20
    error = failed(guest.call("def main(): return 'x' * (33 << 20)"), "invalid_result")
    assert "more than its limit of 33554432" in error["message"]


def test_a_huge_message_is_cut(guest: Guest) -> None:
    error = failed(guest.call("def main(): raise ValueError('x' * (50 << 20))"), "task_error")
    assert len(error["message"]) < 70_000


def test_modules_come_from_the_host(guest: Guest) -> None:
    guest.modules["helpers"] = Sandbox(guest, 256 * MIB).compile("def f(): return 1 / 0", "helpers")
    error = failed(guest.call("import helpers\ndef main(): helpers.f()"), "task_error")
    assert 'File "helpers.py", line 1, in f\n    def f(): return 1 / 0' in error["traceback"]


def test_compiling_runs_nothing_and_prints_nothing(guest: Guest) -> None:
    sandbox = Sandbox(guest, 256 * MIB)
    assert "code" in sandbox.compile("print('ran')\nx = '\\d'")
    assert sandbox.compile("def f(:")["error"]["type"] == "source_error"
    assert (sandbox.stdout, sandbox.stderr) == ([], [])


def test_a_request_that_nobody_knows_is_answered(guest: Guest) -> None:
    sandbox = Sandbox(guest, 256 * MIB)
    requests: list[dict[str, Any]] = [{}, {"op": "dance"}, {"op": "call"}]
    for request in requests:
        assert "error" in sandbox.run(request)


def test_a_trivial_task_stays_cheap(guest: Guest) -> None:
    """In fuel, which does not depend on the machine: what a warmed sandbox adds to the user's own code."""
    sandbox = Sandbox(guest, 256 * MIB)
    module = sandbox.compile("def main(x): return x + 1")
    request = {"op": "call", "modules": [module], "task": "main", "args": [1], "kwargs": {}, "env": {}}
    before = sandbox.used_fuel
    assert sandbox.run(request) == {"ok": 2}
    assert sandbox.used_fuel - before < 350_000


def test_what_the_snapshot_holds_is_immortal(guest: Guest) -> None:
    source = """
        import json, sys
        from capsule_guest import serve
        def main():
            immortal = sys._is_immortal
            kept = [json, json.dumps, json.dumps.__code__, json.JSONEncoder, json.__dict__, serve.run]
            own = [main, main.__code__, object(), [], serve._reserve[0]]
            return [[immortal(x) for x in kept], [immortal(x) for x in own]]
    """
    assert value(guest.call(textwrap.dedent(source))) == [[True] * 6, [False] * 5]


def test_the_collector_copes_with_immortal_objects(guest: Guest) -> None:
    source = """
        import gc, json, sys, types, weakref
        class Node: pass
        def main():
            gc.unfreeze()
            died = []
            for round in range(5):
                node = Node()
                node.itself, node.json = node, json.__dict__
                weakref.finalize(node, died.append, round)
                json.kept = kept = Node()
                kept.itself = kept
                alive = weakref.ref(kept)
                del node, kept
                gc.collect()
                assert alive() is json.kept, round
            del json.kept
            gc.collect()
            sys.modules.update({name: sys.modules.pop(name) for name in list(sys.modules) if name != "main"})
            return died, alive() is None, json.loads(json.dumps({"a": [1]}))
    """
    assert value(guest.call(textwrap.dedent(source))) == [[0, 1, 2, 3, 4], True, {"a": [1]}]


def test_what_a_task_allocates_lies_together(guest: Guest) -> None:
    """Scattered, it would lie in as many holes as the heap has pages, and each page that is written to is copied."""
    source = """
        def main():
            sizes = (3, 24, 40, 64, 100, 200, 300, 500, 700, 1100, 3000)
            made = [bytes(size) for size in sizes * 10] + [[n] for n in range(100)] + [{n: n} for n in range(100)]
            return len({id(thing) >> 12 for thing in made})
    """
    assert value(guest.call(textwrap.dedent(source))) < 35


def test_the_documentation_lists_what_is_not_available(guest: Guest) -> None:
    source = "from capsule_guest import preload\ndef main(): return [list(preload.unavailable), preload.LEFT_OUT]"
    unavailable, left_out = value(guest.call(source))
    public = sorted(name for name in unavailable if not name.startswith("_"))
    lists = {
        "top level": [name for name in public if "." not in name],
        "left out on purpose": sorted(name for name in left_out if not name.startswith("_")),
        "parts of others": [name for name in public if "." in name],
    }
    text = (GUEST.parent.parent / "docs" / "python.md").read_text(encoding="utf-8")
    documented = text.partition("<!-- unavailable: begin -->")[2].partition("<!-- unavailable: end -->")[0]
    assert documented.strip() == "\n".join(f"- {title}: {', '.join(names)}" for title, names in lists.items())
