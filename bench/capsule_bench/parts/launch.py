"""(b) From launch to result: the command line, as its user waits for it."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from capsule_bench import layout
from capsule_bench.figures import OURS, PEER, AtMost, Figure
from capsule_bench.peer import PeerUnavailableError
from capsule_bench.samples import percentile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from capsule_bench.peer import Peer
    from capsule_bench.session import Session

TITLE = "(b) from launch to result: `capsule run hello.py`, and hello.ts"
ROUNDS = 20
PEER_EDITS = 2
"""Its compiling takes too long for more."""


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures."""
    layout.WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=layout.WORK) as folder:
        yield from _measure(session, Path(folder))


def _measure(session: Session, folder: Path) -> Iterator[Figure]:
    ours = _program(folder / "ours")
    typescript = _program(folder / "typescript", "hello.ts")
    session.say("(b) building, if need be")
    _ours(ours)
    _ours(typescript)
    peer = session.peer
    first: dict[str, float] = {}
    theirs = _program(folder / "peer")
    if peer is not None:
        session.say(f"(b) first run of {PEER}")
        try:
            first[PEER] = _seconds(functools.partial(_peer, peer, theirs))
        except PeerUnavailableError as error:
            session.say(f"{PEER} is left out, because it cannot run the program: {error}")
            peer = None

    cached: dict[str, list[float]] = {}
    edited: dict[str, list[float]] = {}
    other: dict[str, list[float]] = {"cached": [], "edited": []}
    for number in session.rounds(ROUNDS, "(b) cached, and after an edit"):
        cached.setdefault(OURS, []).append(_seconds(functools.partial(_ours, ours)))
        _edit(ours, number)
        edited.setdefault(OURS, []).append(_seconds(functools.partial(_ours, ours)))
        other["cached"].append(_seconds(functools.partial(_ours, typescript)))
        _edit(typescript, number)
        other["edited"].append(_seconds(functools.partial(_ours, typescript)))
        if peer is not None:
            cached.setdefault(PEER, []).append(_seconds(functools.partial(_peer, peer, theirs)))
        if peer is not None and number < PEER_EDITS:
            _edit(theirs, number)
            edited.setdefault(PEER, []).append(_seconds(functools.partial(_peer, peer, theirs)))
    yield _figure("cached: p50", cached, 400)
    yield _figure("after an edit of the file: p50", edited, 400)
    yield _figure("hello.ts, cached: p50", {OURS: other["cached"]}, 450)
    yield _figure("hello.ts, after an edit: p50", {OURS: other["edited"]}, 500)

    session.say("(b) first ever: compiling the guest")
    empty = {"XDG_CACHE_HOME": str(folder / "cache")}
    (folder / "cache").mkdir()
    first[OURS] = _seconds(functools.partial(_ours, ours, empty))
    yield Figure("b", "first ever (compiles; once)", "ms", {name: value * 1000 for name, value in first.items()})


def _figure(name: str, seconds: dict[str, list[float]], target: float) -> Figure:
    values = {who: percentile(each, 50) * 1000 for who, each in seconds.items()}
    fastest = {who: round(min(each) * 1000, 3) for who, each in seconds.items()}
    return Figure("b", name, "ms", values, AtMost(target), {"fastest": fastest})


def _program(folder: Path, name: str = "hello.py") -> Path:
    folder.mkdir()
    return Path(shutil.copy(layout.PROGRAMS / name, folder))


def _edit(file: Path, number: int) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write(f"\nedits = {number}\n" if file.suffix == ".py" else f"\nexport const edits{number} = {number};\n")


def _seconds(action: Callable[[], None]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _ours(file: Path, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        [str(layout.LAUNCHER), "run", str(file), "bench"],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    _check(done.stdout)


def _peer(peer: Peer, file: Path) -> None:
    _check(peer.run("run", file.name, "bench", folder=file.parent))


def _check(output: str) -> None:
    if "Hello, bench!" not in output:
        raise ValueError(f"expected a greeting, got {output!r}")
