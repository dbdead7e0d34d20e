"""(n) The front ends, as a person at a terminal and an assistant wait for them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capsule_bench import layout
from capsule_bench.child import Child, child
from capsule_bench.figures import OURS, AtMost, Figure
from capsule_bench.samples import percentile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from capsule_bench.session import Session
    from capsule_bench.terminal import Terminal

    Opens = Callable[[str, Sequence[str], Path, dict[str, str]], contextlib.AbstractContextManager[Terminal]]

TITLE = "(n) the front ends: `capsule mcp` over standard input and output; `capsule repl` at a pseudo-terminal"
SDK = "Python SDK"
STARTS = 15
ROUNDS = 10
CALLS = 50
WARM_UP = 300
PROMPTS = 10
COMPLETIONS = 40
COMPLETIONS_WARM_UP = 10
PROMPT = b"py> "
TYPED, COMPLETED = b"math.sq", b"rt"
ERASE = b"\x15"
INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "bench", "version": "0"},
}


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures."""
    layout.WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=layout.WORK, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "capsule.toml").touch()
        environment = {**os.environ, "XDG_STATE_HOME": name, "XDG_DATA_HOME": name, "TERM": "xterm-256color"}
        yield _initialize(session, folder, environment)
        yield _run_python(session, folder, environment)
        try:
            from capsule_bench.terminal import terminal  # noqa: PLC0415 - not on every system
        except ImportError:
            session.say("(n) `capsule repl` is left out: there are no pseudo-terminals here")
            return
        yield _prompt(session, terminal, folder, environment)
        yield _completion(session, terminal, folder, environment)


class _Server:
    """A `capsule mcp` that has answered ``initialize``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._child = Child("capsule mcp", process)
        self._last_id = 0
        self.request("initialize", INITIALIZE)
        self._child.tell({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The result of a request; it has no notifications on the way."""
        self._last_id += 1
        self._child.tell({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        reply = self._child.hear()
        if reply.get("id") != self._last_id or "result" not in reply:
            raise ValueError(f"{method}: unexpected reply {reply!r}")
        result: dict[str, Any] = reply["result"]
        return result

    def run_python(self) -> None:
        """Runs the snippet."""
        result = self.request("tools/call", {"name": "run_python", "arguments": {"code": "1+1"}})
        if result["structuredContent"]["value"] != 2:  # noqa: PLR2004
            raise ValueError(f"1+1 came to {result!r}")


@contextlib.contextmanager
def _server(folder: Path, environment: dict[str, str]) -> Iterator[_Server]:
    process = subprocess.Popen(
        [str(layout.LAUNCHER), "mcp"],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:  # which closes its input and waits for its end
        yield _Server(process)


def _initialize(session: Session, folder: Path, environment: dict[str, str]) -> Figure:
    each = []
    for _ in session.rounds(STARTS, "(n) starting `capsule mcp`"):
        began = time.perf_counter()
        with _server(folder, environment):
            each.append((time.perf_counter() - began) * 1000)
    notes = {"fastest": round(min(each), 3)}
    return Figure("n", "mcp, from launch to initialized: p50", "ms", {OURS: percentile(each, 50)}, AtMost(400), notes)


def _run_python(session: Session, folder: Path, environment: dict[str, str]) -> Figure:
    samples: dict[str, list[float]] = {OURS: [], SDK: []}
    with _server(folder, environment) as server, child(SDK, "cells.py", sdk=True, env=environment) as sdk:
        session.say("(n) warming up")
        for _ in range(session.few(WARM_UP)):
            server.run_python()
        sdk.tell_line(str(session.few(WARM_UP)))
        sdk.hear()
        for _ in session.rounds(ROUNDS, "(n) `run_python` by turns"):
            for _ in range(CALLS):
                began = time.perf_counter()
                server.run_python()
                samples[OURS].append(time.perf_counter() - began)
            sdk.tell_line(str(CALLS))
            samples[SDK] += sdk.hear()["snippet"]
    values = {name: percentile(each, 50) * 1000 for name, each in samples.items()}
    fastest = {name: round(min(each) * 1000, 3) for name, each in samples.items()}
    return Figure("n", "mcp, run_python('1+1'): p50", "ms", values, AtMost(3), {"fastest": fastest})


def _prompt(session: Session, terminal: Opens, folder: Path, environment: dict[str, str]) -> Figure:
    shells: dict[str, tuple[Sequence[str], bytes]] = {
        OURS: ([str(layout.LAUNCHER), "repl"], PROMPT),
        "python3 -i": ([sys.executable, "-i"], b">>> "),
    }
    node = shutil.which("node")
    if node:
        shells["node -i"] = ([node, "-i"], b"> ")
    samples: dict[str, list[float]] = {name: [] for name in shells}
    for _ in session.rounds(PROMPTS, "(n) waiting for prompts"):
        for name, (command, prompt) in shells.items():
            with terminal(name, command, folder, environment) as opened:
                samples[name].append((opened.wait(prompt) - opened.began) * 1000)
    values = {name: percentile(each, 50) for name, each in samples.items()}
    notes = {"fastest": {name: round(min(each), 3) for name, each in samples.items()}}
    return Figure("n", "repl, from launch to the prompt: p50", "ms", values, AtMost(400), notes)


def _completion(session: Session, terminal: Opens, folder: Path, environment: dict[str, str]) -> Figure:
    command = [str(layout.LAUNCHER), "repl"]
    with terminal(OURS, command, folder, environment) as opened:
        opened.wait(PROMPT)
        opened.type(b"import math\r")
        opened.wait(PROMPT)
        first = _complete(opened)
        for _ in range(session.few(COMPLETIONS_WARM_UP)):
            _complete(opened)
        each = [_complete(opened) for _ in session.rounds(COMPLETIONS, "(n) completing names")]
    notes = {"first": round(first, 3), "fastest": round(min(each), 3)}
    name = f"repl, from Tab to {(TYPED + COMPLETED).decode()}: p50"
    return Figure("n", name, "ms", {OURS: percentile(each, 50)}, AtMost(50), notes)


def _complete(opened: Terminal) -> float:
    opened.type(TYPED)
    opened.wait(TYPED)
    began = time.perf_counter()
    opened.type(b"\t")
    taken = opened.wait(COMPLETED) - began
    opened.type(ERASE)
    return taken * 1000
