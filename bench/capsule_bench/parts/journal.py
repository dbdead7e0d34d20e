"""(k) Steps of workflows, written to the journal and flushed to the disk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capsule_bench import layout
from capsule_bench.figures import OURS, AtLeast, AtMost, Figure
from capsule_bench.samples import percentile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capsule_bench.session import Session

TITLE = "(k) steps of workflows, written to the journal (a record appended to a file, and flushed)"
ROUNDS = 20
FINISHED = 10_000
RESUMED_ROUNDS = 7
PLAIN = "append + fsync"
MILLISECOND = 0.001


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures."""
    session.say("(k) writing steps")
    layout.WORK.mkdir(parents=True, exist_ok=True)
    # on the disk of the checkout: /tmp may be in memory
    with tempfile.TemporaryDirectory(prefix="journal-", dir=layout.WORK) as folder:
        found = _run(folder, session.few(ROUNDS))
    samples = {OURS: found["alone"], PLAIN: found["flush"]}
    target = AtMost((percentile(samples[PLAIN], 50) + MILLISECOND) * 1000)
    notes = {"steps": len(samples[OURS])}
    for title, percent, goal in (("fastest", 0, None), ("p50", 50, target), ("p99", 99, None)):
        values = {name: percentile(each, percent) * 1000 for name, each in samples.items()}
        yield Figure("k", f"one after the other: {title}", "ms", values, goal, notes)
    rates = {name: len(each) / sum(each) for name, each in samples.items()}
    yield Figure("k", "one after the other", "steps/s", rates, notes=notes)
    yield Figure("k", f"{found['writers']} in flight", "steps/s", {OURS: found["rate"]}, AtLeast(2000))
    title = f"a workflow of {found['many']:,} steps is opened"
    yield Figure("k", title, "ms", {OURS: found["resume"] * 1000}, AtMost(500))
    with tempfile.TemporaryDirectory(prefix="resumed-", dir=layout.WORK) as folder:
        yield from _resumed(session, Path(folder))


def _resumed(session: Session, folder: Path) -> Iterator[Figure]:
    count = session.few(FINISHED)
    session.say(f"(k) a workflow of {count:,} finished steps")
    shutil.copy(layout.PROGRAMS / "resumed.py", folder)
    (folder / "capsule.toml").touch()  # its journal is then in this folder
    _go(folder, "map", count)
    (folder / ".capsule").rename(folder / "kept")
    for title, how in (("by map", "map"), ("one after the other", "turn")):
        times: list[tuple[float, float]] = []
        for _ in session.rounds(RESUMED_ROUNDS, f"(k) gone on with, {title}"):
            shutil.copytree(folder / "kept", folder / ".capsule", copy_function=shutil.copy)
            (folder / ".capsule").chmod(0o700)
            opening, launch = json.loads(_go(folder, how, count, str(time.time())))
            times.append((opening * 1000, launch * 1000))
            shutil.rmtree(folder / ".capsule")
        openings, launches = ([each[at] for each in times] for at in (0, 1))
        notes = {"from launch": round(percentile(launches, 50), 3)}
        name = f"{count:,} finished steps {title}, to the end of a new one: p50"
        yield Figure("k", name, "ms", {OURS: percentile(openings, 50)}, AtMost(1000), notes)


def _go(folder: Path, how: str, count: int, *launched: str) -> str:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(layout.SDK)}
    environment.pop("CAPSULE_SIDECAR", None)
    command = [sys.executable, str(folder / "resumed.py"), how, str(count), *launched]
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def _run(folder: str, rounds: int) -> dict[str, Any]:
    java = (layout.ROOT / "build" / "jdk").read_text(encoding="utf-8").splitlines()[1]
    options = [f"@{layout.ROOT / 'tools' / 'jvm.options'}", f"-Dcapsule.home={layout.ROOT / 'build'}"]
    program = layout.BENCH / "java" / "JournalSteps.java"
    command = [java, *options, "-cp", str(layout.ROOT / "build" / "capsule.jar"), str(program), folder, str(rounds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
