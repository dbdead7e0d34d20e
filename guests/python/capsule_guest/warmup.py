"""Runs every path of a request before the snapshot, so that no task is the first: caches fill, code specialises."""

from __future__ import annotations

from typing import Any

from capsule_guest import cells, codeobjects, host, serve, wire

_SOURCE = """
import asyncio
import json
from capsule import task

@task(name="plain", timeout="1s")
def plain(x, *, y=2):
    return {"a": x, "b": [1.5, None, True, "s", y]}

@task
async def waiting():
    await asyncio.sleep(0)
    return await asyncio.gather(plain.aio(1), plain(2))

@task
def nested():
    return plain(1), plain.map([1, 2])

@task
def forms():
    return {"set": {1}, "bytes": b"x"}

@task
def failing():
    raise ValueError("x")
"""

_REHEARSAL = """
from capsule import task

@task(name="main", timeout="1s")
def main(x, *more, **options):
    values = [x, 1.5, "text", None]
    return {"values": values, "count": len(values)}
"""


class _Host:
    """Ends every operation at once; the real host cannot be called before the snapshot."""

    def __init__(self) -> None:
        self.last = 0

    def submit(self, operation: str) -> int:
        self.last += 1
        return self.last

    def wait(self, ids: list[int], timeout_ms: int | None) -> str:
        return wire.encode([{"id": number, "ok": 1} for number in ids])

    def interrupted(self) -> bool:
        return False


def rehearsal() -> str:
    """A request that goes the way of every task, and neither prints nor calls the host."""
    module = {"name": "main", "file": "main.py", "package": False}
    module["code"] = codeobjects.compile_source(_REHEARSAL, "main.py")
    return wire.encode(_request(module, "main", [1]))


def run() -> None:
    """Serves requests as the host makes them, and checks the replies."""
    real, host.imports = host.imports, _Host()
    try:
        module = {"name": "main", "file": "main.py", "package": False}
        module["code"] = codeobjects.compile_source(_SOURCE, "main.py")
        for _ in range(3):
            _expect("ok", {"op": "ping"})
            _expect("ok", {"op": "describe", "modules": [module]})
            for name in ("waiting", "nested", "forms", "plain"):
                arguments = [1] if name == "plain" else []
                _expect("ok", _request(module, name, arguments))
            for name in ("failing", "plain", "no_such"):
                _expect("error", _request(module, name, []))
            for code in (
                "x = 1; x + 1",
                "for x in range(9): x",
                "[i for i in (lambda: [1])()]",
                "import asyncio; await asyncio.sleep(0); {'a': [x]}",
                "_",
            ):
                _expect("ok", _cell(code))
            for code in ("1 / 0", "x ="):
                _expect("error", _cell(code))
            cells.forget()
    finally:
        host.imports = real


def _request(module: dict[str, Any], task: str, args: list[Any]) -> dict[str, Any]:
    return {
        "op": "call",
        "modules": [module],
        "task": task,
        "args": args,
        "kwargs": {},
        "env": {},
        "max_result_bytes": 1 << 20,
    }


def _cell(code: str) -> dict[str, Any]:
    return {
        "op": "cell",
        "code": code,
        "file": "<cell 1>",
        "env": {},
        "interruptible": True,
        "max_result_bytes": 1 << 20,
    }


def _expect(kind: str, request: dict[str, Any]) -> None:
    reply = serve.run(wire.encode(request))
    if kind not in wire.decode(reply):
        raise RuntimeError(f"warming up failed: {reply}")
